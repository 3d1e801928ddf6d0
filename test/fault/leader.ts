import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { stateMachine } from "@flux-ts/protocol/services/state-machine";
import { fluxCommand } from "@flux-ts/testing/instance";

/** Connection attempts while the broker starts: the delays grow to two seconds each. */
const connectTries = "20";

/** An instance of one broker with a state directory of its own, to be killed and started again. */
export class Leader implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), "flux-leader-"));
  #broker: ChildProcess | undefined;
  #runs = 0;

  /** Start the broker and wait until it runs. */
  async start(): Promise<Flux> {
    const rundir = join(this.#folder, `run-${++this.#runs}`);
    const attributes = [
      `statedir=${join(this.#folder, "state")}`,
      `rundir=${rundir}`,
      "statedir-cleanup=0",
      "broker.rc2_none",
    ];
    const args = ["broker", ...attributes.map((attribute) => `-S${attribute}`)];
    this.#broker = spawn(fluxCommand, args, { stdio: ["ignore", "ignore", "inherit"] });
    process.env.FLUX_LOCAL_CONNECTOR_RETRY_COUNT = connectTries;
    const flux = await connect(`local://${rundir}/local-0`);
    await this.#untilRunning(flux);
    return flux;
  }

  /** End it as a power failure would end its process. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** End it in good order. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#broker) await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const broker = this.#broker;
    this.#broker = undefined;
    if (!broker || broker.exitCode !== null || broker.signalCode !== null) return;
    const exited = once(broker, "exit");
    broker.kill(signal);
    await exited;
  }

  async #untilRunning(flux: Flux): Promise<void> {
    try {
      await flux.call(stateMachine.wait);
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }
}
