import { connect } from "@flux-ts/client/connect";
import { toJobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { becomeSessionLeader } from "../native/process-control.ts";
import { runOwnProcess } from "./own-process.ts";
import { reapSession } from "./reap.ts";
import { ResidentShells } from "./resident.ts";

const usage =
  "Usage: flux-shell [--reconnect] JOBID\n   or: flux-shell --resident | --reap SESSION";
const sigterms = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** The job shell program: of one job, resident for many, or to clean up after the latter. */
async function main(args: readonly string[]): Promise<void> {
  const [first, second] = args.filter((arg) => arg !== "--reconnect");
  if (first === "--resident") await resident();
  else if (first === "--reap") reapSession(integer(second));
  else if (first !== undefined && /^\d+$/.test(first) && second === undefined) await single(first);
  else throw new FluxError("EINVAL", usage);
}

async function single(jobid: string): Promise<void> {
  const flux = await connect();
  const end = await runOwnProcess(flux, toJobId(BigInt(jobid)));
  flux.close();
  // A pending timer or stream must not keep us: the job is over.
  if ("exitCode" in end) process.exit(end.exitCode);
  process.removeAllListeners();
  process.kill(process.pid, end.signum);
}

async function resident(): Promise<void> {
  // What it leaves behind, should it die, can be found by the session.
  becomeSessionLeader();
  const flux = await connect();
  const shells = await ResidentShells.open(flux);
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    void shells.stop().finally(() => process.exit(0));
  };
  for (const name of sigterms) process.on(name, stop);
  void flux.closed.then(stop);
  process.stdout.write("ready\n");
}

function integer(text: string | undefined): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number <= 0) throw new FluxError("EINVAL", usage);
  return number;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const text = error instanceof FluxError ? error.message : ((error as Error)?.stack ?? error);
  process.stderr.write(`flux-shell: ${text}\n`);
  process.exit(1);
});
