import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import type { Duplex } from "node:stream";
import { PmiLineSplitter } from "@flux-ts/protocol/pmi/line-splitter";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Descriptor of the PMI connection in a broker: the first after stdin, stdout and stderr. */
const pmiFd = 3;

export interface BrokerProcessEvents {
  /** A line of PMI came, without its newline. */
  onLine(line: string): void;
  /** The connection carries something else than PMI. */
  onViolation(error: Error): void;
  /** The broker ended; `status` as a shell has it, `signal` if one ended it. */
  onExit(status: number, signal: NodeJS.Signals | null): void;
}

/** One broker of a test instance: a process with a PMI connection, on the terminal of `flux start`. */
export class BrokerProcess {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #pmi: Duplex;

  private constructor(child: ChildProcess, events: BrokerProcessEvents) {
    this.#child = child;
    this.pid = child.pid ?? -1;
    this.#pmi = child.stdio[pmiFd] as Duplex;
    const splitter = new PmiLineSplitter();
    this.#pmi.setEncoding("utf8");
    this.#pmi.on("data", (text: string) => {
      try {
        for (const line of splitter.feed(text)) events.onLine(line);
      } catch (error) {
        events.onViolation(error as Error);
      }
    });
    // A broker that dies resets its connection; its exit says more.
    this.#pmi.on("error", () => {});
    child.once("exit", (code, signal) => {
      const status = signal ? 128 + constants.signals[signal] : (code ?? 1);
      events.onExit(status, signal);
    });
  }

  /** Start `argv`. Throws FluxError (ENOENT, EACCES) if that is not possible. */
  static start(
    argv: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    events: BrokerProcessEvents,
  ): Promise<BrokerProcess> {
    const [program = "", ...args] = argv;
    const child = spawn(program, args, {
      stdio: ["inherit", "inherit", "inherit", "pipe"],
      env: { ...env, PMI_FD: `${pmiFd}` },
    });
    return new Promise((resolve, reject) => {
      child.once("error", (cause: NodeJS.ErrnoException) => {
        reject(new FluxError(-(cause.errno ?? -2), `${program}: ${cause.message}`, { cause }));
      });
      child.once("spawn", () => resolve(new BrokerProcess(child, events)));
    });
  }

  send(line: string): void {
    this.#pmi.write(line);
  }

  closePmi(): void {
    this.#pmi.end();
  }

  kill(signum: number): void {
    this.#child.kill(signum);
  }
}
