import { Idset } from "@flux-ts/protocol/text/idset";
import { attach } from "../../attach/attach.ts";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { counter, flag, int, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

const defaultTail = 10;

export default command({
  name: "attach",
  summary: "Interactively attach to job",
  dialect: "A",
  usage: "[OPTIONS] id",
  args: { id: "ID" },
  options: {
    showEvents: flag("-E, --show-events", "Show job events on stderr"),
    showExec: flag("-X, --show-exec", "Show exec events on stderr"),
    showStatus: flag("--show-status", "Show job status line while pending"),
    waitEvent: text(
      "-w, --wait-event=NAME",
      "Wait for event NAME before detaching from eventlog (default=finish)",
      { initial: "clean" },
    ),
    labelIo: flag("-l, --label-io", "Label output by rank"),
    verbose: counter("-v, --verbose", "Increase verbosity"),
    quiet: flag("-q, --quiet", "Suppress warnings written to stderr from flux-job"),
    readOnly: flag("-r, --read-only", "Disable reading stdin and capturing signals"),
    unbuffered: flag("-u, --unbuffered", "Disable buffering of stdin"),
    stdinRanks: text("-i, --stdin-ranks=RANKS", "Send standard input to only RANKS (default: all)"),
    tail: int("--tail[=NUM]", "Output only the last NUM lines of job output (default 10)", {
      implied: defaultTail,
    }),
    debug: flag("--debug", "Enable parallel debugger to attach to a running job"),
    debugEmulate: flag("--debug-emulate", "", { hidden: true }),
    queueCheckInterval: int("--queue-check-interval=SECONDS", "", { hidden: true, initial: 10 }),
  },
  async run(context) {
    const { args, options } = context;
    const { stdinRanks, tail } = options;
    const id = jobIdArgument(args.id);
    if (stdinRanks !== undefined && options.readOnly) {
      throw new CommandError("Do not use --stdin-ranks with --read-only");
    }
    if (stdinRanks !== undefined && stdinRanks !== "all") checkRanks(stdinRanks);
    if (tail !== undefined && tail < 0) throw new CommandError("invalid tail argument");
    const flux = await context.flux();
    return attach({ ...context, flux }, id, args.id, {
      ...options,
      stdinRanks: stdinRanks ?? "all",
    });
  },
});

function checkRanks(given: string): void {
  try {
    Idset.parse(given);
  } catch {
    throw new CommandError(`Invalid value '${given}' for --stdin-ranks: Invalid argument`);
  }
}
