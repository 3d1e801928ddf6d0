import { parseDuration } from "@flux-ts/protocol/text/duration";
import { type Option, spellingOf, value } from "./option.ts";
import { UsageError } from "./usage-error.ts";

/** An option of a C tool whose value is an RFC 23 duration; seconds. */
export function durationOption(spec: string, help: string): Option<number | undefined> {
  const { long = "" } = spellingOf(spec);
  return value(spec, help, (given) => {
    try {
      return parseDuration(given);
    } catch {
      throw new UsageError(`Invalid argument for option '${long}': '${given}'`, "option");
    }
  });
}
