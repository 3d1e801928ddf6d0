import { parseState } from "@flux-ts/protocol/job/states";
import { CommandError } from "../../usage-error.ts";
import { userId } from "../../users.ts";

/** Everybody's jobs: what RPCs take in place of a user id. */
export const anyUser = -1;

/** A user name, a number, or `all`. */
export function userArgument(given: string): number {
  if (given === "all") return anyUser;
  const found = userId(given);
  if (found !== undefined) return found;
  if (/^\d+$/.test(given)) return Number(given);
  throw new CommandError(`unknown user ${given}`);
}

/** A mask of job states from their names. */
export function statesArgument(given: readonly string[], option: string): number {
  let mask = 0;
  for (const name of given) {
    try {
      mask |= parseState(name);
    } catch {
      throw new CommandError(`error parsing --${option}: ${name} is unknown`);
    }
  }
  if (mask === 0) throw new CommandError("no states specified");
  return mask;
}
