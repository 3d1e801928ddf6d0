import { constants, hostname } from "node:os";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RunOptions, SignalName, System } from "./system.ts";

// A signal to the whole foreground process group reaches our child directly; these we pass on.
const passedOn: readonly SignalName[] = [
  "SIGTERM",
  "SIGHUP",
  "SIGUSR1",
  "SIGUSR2",
  "SIGALRM",
  "SIGCONT",
];
// From the terminal: the child got it, too, and decides what it means.
const ignored: readonly SignalName[] = ["SIGINT", "SIGQUIT"];

/** The machine this process runs on. */
export class NodeSystem implements System {
  readonly root: string;
  readonly pid = process.pid;
  readonly openFiles = process.env.FLUX_TS_LAUNCHER_NOFILE;

  constructor(root: string) {
    this.root = root;
  }

  get uid(): number {
    return process.getuid?.() ?? 0;
  }

  cwd(): string {
    return process.cwd();
  }

  hostname(): string {
    return hostname();
  }

  onSignal(signals: readonly SignalName[], handler: (signal: SignalName) => void): () => void {
    const listener = (signal: NodeJS.Signals): void => handler(signal as SignalName);
    for (const signal of signals) process.on(signal as NodeJS.Signals, listener);
    return () => {
      for (const signal of signals) process.off(signal as NodeJS.Signals, listener);
    };
  }

  async become(program: string, args: readonly string[]): Promise<never> {
    const { createRequire } = await import("node:module");
    process.argv.splice(1, Infinity, program, ...args);
    createRequire(program)(program);
    return await new Promise<never>(() => {});
  }

  async run(argv: readonly string[], options: RunOptions = {}): Promise<number> {
    const [program = "", ...args] = argv;
    const { spawn } = await import("node:child_process");
    const stdio: ("inherit" | number | "ignore")[] = ["inherit", "inherit", "inherit"];
    for (const fd of options.inherit ?? []) {
      while (stdio.length < fd) stdio.push("ignore");
      stdio[fd] = fd;
    }
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(program, args, {
        stdio,
        env: options.env ?? process.env,
        ...(options.cwd !== undefined && { cwd: options.cwd }),
      });
      const stopForwarding = this.onSignal(passedOn, (signal) => {
        child.kill(signal as NodeJS.Signals);
      });
      const stopIgnoring = this.onSignal(ignored, () => {});
      const restore = (): void => {
        stopForwarding();
        stopIgnoring();
      };
      child.once("error", (error: NodeJS.ErrnoException) => {
        restore();
        reject(new FluxError(-(error.errno ?? -2), undefined, { cause: error }));
      });
      child.once("exit", (code, signal) => {
        restore();
        resolve(signal ? 128 + constants.signals[signal] : (code ?? 1));
      });
    });
  }
}
