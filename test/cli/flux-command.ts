import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The built command, as a person runs it. */
export const fluxCommand = fileURLToPath(new URL("../../bin/flux", import.meta.url));
const isBuilt = existsSync(
  fileURLToPath(new URL("../../packages/flux/dist/broker.cjs", import.meta.url)),
);
/** Why tests of the command cannot run; undefined if they can. */
export const notBuilt = isBuilt ? undefined : "the command is not built: run `npm run build`";

export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without what describes an instance around the tests. */
const env = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(FLUX_|PMI_)/.test(name)),
);

/** Run `flux ARGS` to its end. */
export async function flux(...args: string[]): Promise<Finished> {
  const running = new Running(args);
  running.child.stdin?.end();
  return running.finished;
}

/** A running `flux ARGS`, whose stdin stays open. */
export class Running {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  #stdout = "";
  #stderr = "";

  constructor(args: readonly string[], command = fluxCommand) {
    this.child = spawn(command, args, { env });
    this.child.stdout?.on("data", (chunk: Buffer) => {
      this.#stdout += chunk.toString();
    });
    this.child.stderr?.on("data", (chunk: Buffer) => {
      this.#stderr += chunk.toString();
    });
    this.finished = new Promise((resolve, reject) => {
      this.child.once("error", reject);
      this.child.once("close", (code) => {
        resolve({ status: code ?? -1, stdout: this.#stdout, stderr: this.#stderr });
      });
    });
  }

  /** The first line of stdout. */
  line(): Promise<string> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const end = this.#stdout.indexOf("\n");
        if (end >= 0) resolve(this.#stdout.slice(0, end));
      };
      this.child.stdout?.on("data", look);
      look();
      void this.finished.then(({ stderr }) => reject(new Error(`ended early: ${stderr}`)));
    });
  }
}
