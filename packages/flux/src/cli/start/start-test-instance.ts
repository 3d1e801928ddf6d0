import { mkdtempSync, rmSync, statSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { hide } from "../environment.ts";
import type { SignalName } from "../system.ts";
import { CommandError } from "../usage-error.ts";
import { rankArguments } from "./broker-arguments.ts";
import { brokerArguments, brokerCommand } from "./broker-command.ts";
import { processMapping } from "./clique.ts";
import type { StartRequest } from "./start-options.ts";
import { saveTerminal } from "./terminal.ts";
import { TestInstance } from "./test-instance.ts";

const defaultExitTimeoutSeconds = 20;
/** From the terminal: the brokers got it too, and their leader decides what it means. */
const shared: readonly SignalName[] = ["SIGINT", "SIGQUIT"];
/** For us alone: the leader shuts the instance down, or does what the signal says. */
const forLeader: readonly SignalName[] = ["SIGTERM", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGUSR2"];

/** `--test-size=N`: launch N brokers as processes here and be their PMI server. */
export async function startTestInstance(request: StartRequest): Promise<number> {
  const { options, system, env, err, error } = request;
  const size = options.testSize ?? 1;
  const mapping = processMapping(options.testPmiClique ?? "single", size);
  const hosts = testHosts(options.testHosts, size);
  const { rundir, isOurs } = runDirectory(options.testRundir, env.TMPDIR);
  try {
    const common = await brokerArguments(request);
    const argvOf = (rank: number): string[] => {
      const test = { rundir, hostname: hosts?.nth(rank), command: request.command };
      const program = brokerCommand(system.root);
      return [...options.wrap, ...program, ...common, ...rankArguments(rank, test)];
    };
    if (options.verbose > 0) {
      for (let rank = 0; rank < size; rank++) error(`${rank}: ${argvOf(rank).join(" ")}`);
    }
    if (options.noexec) return 0;
    const instance = new TestInstance({
      size,
      argvOf,
      env: hide(env),
      rundir,
      uid: system.uid,
      mapping,
      exitMode: options.testExitMode ?? "any",
      exitTimeoutSeconds:
        options.testExitTimeout ?? options.killerTimeout ?? defaultExitTimeoutSeconds,
      startMode: options.testStartMode ?? "all",
      log: error,
      trace: options.verbose >= 2 ? (text) => err.line(text) : undefined,
    });
    const restoreTerminal = saveTerminal();
    system.onSignal(shared, () => {});
    system.onSignal(forLeader, (signal) => instance.signalLeader(signal));
    const status = await instance.run();
    restoreTerminal();
    return status;
  } finally {
    if (isOurs || options.testRundirCleanup) rmSync(rundir, { recursive: true, force: true });
  }
}

function testHosts(text: string | undefined, size: number): Hostlist | undefined {
  if (text === undefined) return undefined;
  let hosts: Hostlist;
  try {
    hosts = Hostlist.parse(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError("could not decode --test-hosts hostlist");
  }
  if (hosts.size !== size) throw new CommandError("--test-hosts hostlist has incorrect size");
  return hosts;
}

function runDirectory(
  given: string | undefined,
  tmpdir: string | undefined,
): { rundir: string; isOurs: boolean } {
  if (given === undefined) {
    return { rundir: mkdtempSync(`${tmpdir || "/tmp"}/flux-`), isOurs: true };
  }
  const stat = statSync(given, { throwIfNoEntry: false });
  if (!stat) throw new CommandError(`${given}: No such file or directory`);
  if (!stat.isDirectory()) throw new CommandError(`${given}: not a directory`);
  return { rundir: given, isOurs: false };
}
