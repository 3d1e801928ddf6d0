import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { attr } from "@flux-ts/protocol/services/attr";
import { config } from "@flux-ts/protocol/services/config";
import { kvs } from "@flux-ts/protocol/services/kvs";
import { shutdown } from "@flux-ts/protocol/services/state-machine";
import { command } from "../command.ts";
import { failedTo, unless } from "../errors.ts";
import { counter, flag, text } from "../option.ts";
import type { Input, Output } from "../output/output.ts";
import { CommandError } from "../usage-error.ts";

const severityWarning = 4;
const severityInfo = 6;
const severityDebug = 7;

export default command({
  name: "shutdown",
  summary: "Shut down the Flux instance",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS] [TARGET]",
  args: { target: "[TARGET]" },
  options: {
    skipGc: flag("--skip-gc", "Skip KVS garbage collection this time, if already enabled"),
    gc: flag("--gc", "Garbage collect KVS (short for --dump=auto)"),
    dump: text("--dump=PATH", "Dump KVS content to specified archive file using flux-dump(1)."),
    background: flag("--background", "Exit the command immediately after initiating shutdown"),
    quiet: flag("--quiet", "Show only log messages <= LOG_WARNING level"),
    verbose: counter(
      "-v, --verbose[=[LEVEL]]",
      "Increase log verbosity: 0=show log messages <= LOG_INFO level (default), 1=show all log messages",
    ),
    yes: flag("-y, --yes", "Answer yes to any yes/no questions"),
    no: flag("-n, --no", "Answer no to any yes/no questions"),
  },
  async run({ args, options, flux, err, stdin, out, warn, env }) {
    const { gc, skipGc, dump } = options;
    if (gc && (skipGc || dump !== undefined)) {
      throw new CommandError("--gc is incompatible with --skip-gc or --dump");
    }
    const handle = await connectTo(flux, args.target, env);
    const wanted = await dumpWanted(handle, { ...options, ask: () => askYesNo(stdin, out) });
    const target = await setDump(handle, wanted);
    if (target !== undefined) {
      warn(`shutdown will dump KVS to ${target} (this may take some time)`);
    }
    const loglevel = options.quiet
      ? severityWarning
      : options.verbose === 0
        ? severityInfo
        : severityDebug;
    try {
      if (options.background) await handle.call(shutdown.start, { loglevel });
      else {
        for await (const { log } of handle.stream(shutdown.start, { loglevel })) {
          if (log !== undefined) err.write(log);
        }
      }
    } catch (error) {
      if (error instanceof FluxError) throw new CommandError(error.message);
      throw error;
    }
  },
});

async function connectTo(
  flux: (uri?: string) => Promise<Flux>,
  target: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Flux> {
  if (target === undefined) return flux();
  const { resolveUri } = await import("@flux-ts/client/resolve-uri");
  return flux(await resolveUri(target, { from: env.FLUX_URI }));
}

interface DumpOptions {
  readonly gc: boolean;
  readonly skipGc: boolean;
  readonly dump: string | undefined;
  readonly yes: boolean;
  readonly no: boolean;
  ask(): Promise<boolean>;
}

/** Where to dump: a path, `auto`, `none` (not this time), or undefined (as it is configured). */
async function dumpWanted(flux: Flux, options: DumpOptions): Promise<string | undefined> {
  const { gc, skipGc, dump, yes, no, ask } = options;
  if (skipGc) return "none";
  if (dump !== undefined) return dump;
  if (gc) return "auto";
  if (!(await isBeyondThreshold(flux))) return undefined;
  if (yes || no) return yes ? "auto" : undefined;
  return (await ask()) ? "auto" : undefined;
}

async function isBeyondThreshold(flux: Flux): Promise<boolean> {
  const { kvs: table } = await flux.call(config.get);
  const threshold = isJsonObject(table) ? Number(table["gc-threshold"] ?? 0) : 0;
  if (!(threshold > 0)) return false;
  const { rootseq } = await flux.call(kvs.getroot, { namespace: "primary" });
  return rootseq > threshold;
}

async function askYesNo(stdin: Input, out: Output): Promise<boolean> {
  if (!stdin.isTerminal) throw new CommandError("gc threshold exceeded, specify -y or -n\n");
  const question = "gc threshold exceeded, do you want to perform garbage collection [Y/n]? ";
  out.write(question);
  for await (const line of stdin.lines()) {
    if (line === "" || /^y/i.test(line)) return true;
    if (/^n/i.test(line)) return false;
    out.line("Please answer y or n");
    out.write(question);
  }
  return true;
}

/** Make rc3 dump or not; resolves to where the dump will be. */
async function setDump(flux: Flux, wanted: string | undefined): Promise<string | undefined> {
  const name = "content.dump";
  const current = (await flux.call(attr.get, { name }).catch(unless("ENOENT")))?.value;
  if (wanted === "none") {
    if (current !== undefined) await flux.call(attr.rm, { name }).catch(failedTo(`rmattr ${name}`));
    return undefined;
  }
  if (wanted !== undefined && wanted !== current) {
    await flux.call(attr.set, { name, value: wanted }).catch(failedTo(`setattr ${name}`));
  }
  const path = wanted ?? current;
  if (path !== "auto") return path;
  const cleanup = (await flux.call(attr.get, { name: "statedir-cleanup" }).catch(unless("ENOENT")))
    ?.value;
  const folder = cleanup === undefined || cleanup === "0" ? await flux.attr("statedir") : ".";
  return `${folder}/dump/`;
}
