import { parseDuration } from "@flux-ts/protocol/text/duration";
import { type Option, value } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

/** `-t, --timeout=DURATION` in seconds; undefined waits for ever. */
export const timeoutOption: Option<number | undefined> = value(
  "-t, --timeout=DURATION",
  "timeout after DURATION",
  (given) => {
    try {
      return parseDuration(given);
    } catch {
      throw new CommandError("invalid Flux standard duration");
    }
  },
);

/** The options of a call that may time out; infinity is none. */
export function timeoutOf(seconds: number | undefined): { timeoutSeconds?: number } {
  return seconds === undefined || seconds === Infinity ? {} : { timeoutSeconds: seconds };
}
