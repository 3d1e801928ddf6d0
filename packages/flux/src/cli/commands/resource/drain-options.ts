import type { DrainOptions } from "@flux-ts/client/resource";
import { CommandError } from "../../usage-error.ts";

interface Given {
  readonly force: number;
  readonly update: boolean;
}

/** How a drain or undrain request is to be made. */
export function drainOptions({ force, update }: Given, words: readonly string[]): DrainOptions {
  if (update && force > 0) {
    throw new CommandError("Only one of --force and --update may be specified");
  }
  const reason = words.length > 0 ? words.join(" ") : undefined;
  return { reason, mode: update ? "update" : forced(force) };
}

function forced(force: number): DrainOptions["mode"] {
  if (force === 1) return "overwrite";
  return force === 2 ? "force-overwrite" : undefined;
}
