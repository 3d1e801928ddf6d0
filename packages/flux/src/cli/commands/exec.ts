import type { Flux } from "@flux-ts/client/handle";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { config } from "@flux-ts/protocol/services/config";
import { rexec, rexecAt } from "@flux-ts/protocol/services/rexec";
import { Idset } from "@flux-ts/protocol/text/idset";
import { command } from "../command.ts";
import { startInBackground } from "../exec/background.ts";
import { ExecSession } from "../exec/exec-session.ts";
import { passSignalsOn } from "../exec/interrupts.ts";
import { jobShells } from "../exec/job-shells.ts";
import { remoteCommand } from "../exec/remote-command.ts";
import { targetRanks } from "../exec/target-ranks.ts";
import { flag, list, text } from "../option.ts";
import { CommandError, UsageError } from "../usage-error.ts";

export default command({
  name: "exec",
  summary: "execute processes across Flux ranks",
  dialect: "A",
  usage: "[OPTIONS]...",
  description: "",
  args: { command: "[COMMAND...]" },
  options: {
    rank: text("-r, --rank=IDSET", 'Specify target ranks.  Default is "all"', { initial: "all" }),
    exclude: text("-x, --exclude=IDSET", "Exclude ranks from target."),
    bg: flag("--bg", "Run process in background and exit"),
    waitable: flag("--waitable", "Process remains a zombie until exit status is collected"),
    attach: flag("--attach", "Attach to a running background process (arg is pid or label)"),
    label: text("--label=LABEL", "Set a remote process label."),
    dir: text("-d, --dir=PATH", "Set the working directory to PATH"),
    labelIo: flag("-l, --label-io", "Label lines of output with the source RANK"),
    noinput: flag("-n, --noinput", "Redirect stdin from /dev/null"),
    verbose: flag("-v, --verbose", "Run with more verbosity."),
    quiet: flag("-q, --quiet", "Suppress extraneous output."),
    service: text("--service=NAME", "Override service name (default: rexec).", { hidden: true }),
    setopt: list("--setopt=NAME=VALUE", "Set subprocess option NAME to VALUE (multiple use ok)", {
      hidden: true,
    }),
    stdinFlow: text("--stdin-flow=on|off", "Forcibly enable or disable stdin flow control", {
      hidden: true,
    }),
    withImp: flag("--with-imp", "Run args under 'flux-imp run'"),
    jobid: text(
      "-j, --jobid=JOBID",
      "Set target ranks to nodes assigned to JOBID and service name to job shell exec service",
    ),
    sign: flag("--sign", "Force signing of request messages", { hidden: true }),
  },
  async run({ args, options, flux, out, err, stdin, env, system }) {
    const attached = options.attach ? attachedProcess(args.command, options) : undefined;
    if (!attached && args.command.length === 0) throw new UsageError("", "help");
    if (options.waitable && !options.bg) {
      throw new CommandError("--waitable can only be used with --bg");
    }
    const handle = await flux();
    const [size, ownerUid] = await Promise.all([
      handle.attr("size"),
      handle.attr("security.owner"),
    ]);
    const argv = options.withImp
      ? [await impPath(handle), "run", ...args.command]
      : [...args.command];
    const { label, setopt, jobid } = options;
    const cwd = options.dir ?? system.cwd();
    const cmd = remoteCommand({ argv, env, cwd, label, setopt, ownerUid });
    const shells = jobid === undefined ? undefined : await jobShells(handle, jobid);
    const ranks = targetRanks(shells?.ranks ?? Idset.range(0, Number(size) - 1), {
      include: options.rank,
      exclude: options.exclude,
      isRelative: shells !== undefined,
    });
    if (attached && attached.pid > 0 && ranks.size > 1) {
      throw new CommandError("--attach by pid requires a single target rank (use --rank)");
    }
    // The shell of another user's instance must see who asks, which takes a signing mechanism.
    if (options.sign || (shells && Number(ownerUid) !== system.uid)) {
      throw new CommandError("flux_rexec: Operation not supported");
    }
    const service = options.service ?? shells?.service ?? "rexec";
    const methods = service === "rexec" ? rexec : rexecAt(service);
    const common = { flux: handle, methods, out, err };
    const name = attached?.name ?? argv[0]!;
    if (options.bg) {
      return startInBackground(ranks, { ...common, cmd, name, waitable: options.waitable });
    }
    const startTime = performance.now();
    const tell = (what: string): void => {
      if (options.verbose) err.line(`${(performance.now() - startTime).toFixed(6)}ms: ${what}`);
    };
    tell(`Starting ${name} on ${ranks.encode({ brackets: true })}`);
    const session = new ExecSession({
      ...common,
      stdin: options.noinput ? undefined : stdin,
      flowControl: isFlowControlled(options.stdinFlow, service),
      labelIo: options.labelIo,
      verbose: options.verbose,
      name,
    });
    session.start(ranks, attached ?? { cmd });
    tell("Sent all requests");
    const left = withResolvers<number>();
    passSignalsOn({
      session,
      system,
      err,
      verbose: options.verbose,
      attachedTo: attached && args.command[0],
      leave: left.resolve,
    });
    const status = await Promise.race([left.promise, session.finish()]);
    if (status !== undefined) return status;
    tell(`${session.exited} tasks complete with code ${session.exitCode}`);
    if (!options.quiet) for (const note of session.notes) err.line(note);
    return session.exitCode;
  },
});

interface AttachedProcess {
  /** -1 if it is named by its label. */
  readonly pid: number;
  readonly label: string | undefined;
  readonly name: string;
}

/** The process that --attach's argument names: a number is a pid, all else a label. */
function attachedProcess(
  words: readonly string[],
  { bg, waitable }: { bg: boolean; waitable: boolean },
): AttachedProcess {
  const [word, ...rest] = words;
  if (word === undefined) throw new CommandError("--attach requires a pid or label argument");
  if (rest.length > 0) throw new CommandError("--attach takes a single pid or label argument");
  if (bg || waitable) throw new CommandError("--attach cannot be used with --bg or --waitable");
  const pid = /^\s*\+?\d+$/.test(word) ? Number(word) : 0;
  const isPid = pid > 0 && pid < 2 ** 31;
  return isPid
    ? { pid, label: undefined, name: `pid ${pid}` }
    : { pid: -1, label: word, name: `label ${word}` };
}

function isFlowControlled(given: string | undefined, service: string): boolean {
  switch (given) {
    case undefined:
      // sdexec has none.
      return service !== "sdexec";
    case "on":
      return true;
    case "off":
      return false;
    default:
      throw new CommandError("Set --stdin-flow to on or off");
  }
}

async function impPath(flux: Flux): Promise<string> {
  const path = dottedValue(await flux.call(config.get), "exec.imp");
  if (typeof path === "string") return path;
  throw new CommandError(
    "--with-imp: exec.imp path not found in config: No such file or directory",
  );
}
