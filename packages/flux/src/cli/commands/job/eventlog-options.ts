import { eventlogPaths } from "@flux-ts/client/job-events";
import { flag, text } from "../../option.ts";
import { colorOption } from "../../output/color-option.ts";

/** How events are shown, for the subcommands that show them. */
export const eventlogOptions = {
  format: text("-f, --format=FORMAT", "Specify output format: text, json", { initial: "text" }),
  timeFormat: text("-T, --time-format=FORMAT", "Specify time format: raw, iso, offset", {
    initial: "raw",
  }),
  human: flag(
    "-H, --human",
    "Display human-readable output. See also --color, --format, and --time-format.",
  ),
  color: colorOption,
};

export const pathOption = text(
  "-p, --path=PATH",
  'Specify alternate eventlog name or path suffix (e.g. "exec", "output", or "guest.exec.eventlog")',
  { initial: "eventlog" },
);

/** The key of an eventlog in the job's directory, from its short name. */
export function eventlogPath(name: string): string {
  return name === "exec" || name === "output" || name === "input" ? eventlogPaths[name] : name;
}
