import type { Environment } from "../environment.ts";
import { UsageError } from "../usage-error.ts";
import type { Output } from "./output.ts";

/**
 * Whether to colour, from `--color[=WHEN]`: `always` (also without WHEN), `never` or `auto`, the
 * default, which colours on a terminal unless NO_COLOR is set.
 */
export function wantsColor(
  when: string | undefined,
  out: Pick<Output, "isTerminal">,
  env: Environment,
  hint: "help" | "usage" | "none" = "none",
): boolean {
  const given = when ?? (env.NO_COLOR ? "never" : "auto");
  switch (given) {
    case "":
    case "always":
      return true;
    case "never":
      return false;
    case "auto":
      return out.isTerminal;
    default:
      throw new UsageError(`Invalid argument to --color: '${given}'`, hint);
  }
}

/** Escape sequences that C tools use, by what they colour. */
export const sgr = {
  reset: "\x1b[0m",
  bold: "\x1b[1m",
  red: "\x1b[31m",
  green: "\x1b[32m",
  yellow: "\x1b[33m",
  blue: "\x1b[34m",
  magenta: "\x1b[35m",
  cyan: "\x1b[36m",
  gray: "\x1b[37m",
  boldGreen: "\x1b[1m\x1b[32m",
} as const;
