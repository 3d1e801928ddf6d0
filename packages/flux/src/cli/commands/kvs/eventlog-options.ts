import { type EventlogEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import type { Environment } from "../../environment.ts";
import { flag } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { colorOption } from "../../output/color-option.ts";
import { EventlogLines } from "../../output/eventlog-lines.ts";
import type { Output } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";

/** How events are shown. */
export const formatOptions = {
  unformatted: flag("-u, --unformatted", "Show event in RFC 18 form"),
  human: flag("-H, --human", "Display human-readable output"),
  color: colorOption,
};

export interface FormatChoice {
  readonly unformatted: boolean;
  readonly human: boolean;
  readonly color: string | undefined;
}

export function linesOf(
  { unformatted, human, color }: FormatChoice,
  { out, err, env, prog }: { out: Output; err: Output; env: Environment; prog: string },
): EventlogLines {
  if (unformatted && (human || color === "always")) {
    err.line(`${prog}: Do not specify --unformatted with --human or --color=always`);
    throw new CommandError("failed to create eventlog formatter");
  }
  return new EventlogLines({
    format: unformatted ? "json" : "text",
    time: human ? "human" : "raw",
    color: wantsColor(color, out, env),
  });
}

/** The events in a piece of an eventlog. */
export function entriesOf(bytes: Uint8Array): EventlogEntry[] {
  try {
    return parseEventlog(Buffer.from(bytes).toString());
  } catch {
    throw new CommandError("cannot decode improperly formatted eventlog");
  }
}
