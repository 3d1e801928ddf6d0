import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The built command, as a person runs it. */
export const fluxCommand = fileURLToPath(new URL("../../../bin/flux", import.meta.url));
const broker = fileURLToPath(new URL("../../flux/dist/broker.cjs", import.meta.url));
/** Why tests of real instances cannot run; undefined if they can. */
export const notBuilt = existsSync(broker)
  ? undefined
  : "the command is not built: run `npm run build`";

/** How long an instance may take to end by itself. */
const stopTimeoutMs = 60_000;
/** How long a program in an instance may take. */
const programTimeoutMs = 60_000;

export interface InstanceOptions {
  /** Brokers, each a process. Default: 1. */
  readonly size?: number;
  /** Whose `flux` starts it. Default: ours. */
  readonly command?: string;
  /** Further options of `flux start`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How a program ended, and what it printed. */
export interface Ended {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without what describes an instance around the tests. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env);
  return Object.fromEntries(entries.filter(([name]) => !/^(FLUX_|PMI_)/.test(name)));
}

/**
 * A real instance: brokers that are processes, started by `flux start`. It ends without leaving a
 * process or a file behind, or `stop` says so.
 */
export class Instance implements AsyncDisposable {
  readonly uri: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #start: Program;
  readonly #mark: string;
  readonly #folder: string;
  #isStopped = false;

  private constructor(parts: {
    uri: string;
    env: NodeJS.ProcessEnv;
    start: Program;
    mark: string;
    folder: string;
  }) {
    this.uri = parts.uri;
    this.#env = { ...parts.env, FLUX_URI: parts.uri };
    this.#start = parts.start;
    this.#mark = parts.mark;
    this.#folder = parts.folder;
  }

  /** Start an instance and wait until it runs. */
  static async start(options: InstanceOptions = {}): Promise<Instance> {
    const { size = 1, command = fluxCommand, args = [], env: extra } = options;
    const folder = mkdtempSync(join(tmpdir(), "flux-instance-"));
    const mark = `FLUX_TEST_MARK=${randomUUID()}`;
    const [name, value] = mark.split("=") as [string, string];
    const env = { ...cleanEnvironment(), TMPDIR: folder, [name]: value, ...extra };
    // Its standard input ends when it is to stop.
    const program = ["sh", "-c", 'echo "$FLUX_URI"; read line; true'];
    const start = new Program(command, ["start", `--test-size=${size}`, ...args, ...program], env);
    try {
      const uri = await start.firstLine();
      return new Instance({ uri, env, start, mark, folder });
    } catch (error) {
      killAll(mark);
      rmSync(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Run a program with the instance in its environment, to its end. Standard input is `input`. */
  run(command: string, args: readonly string[], input = ""): Promise<Ended> {
    return new Program(command, args, this.#env).end(input);
  }

  /** The standard output of `flux ARGS`, which must end with status 0. */
  async flux(args: readonly string[], command = fluxCommand, input = ""): Promise<string> {
    const { status, stdout, stderr } = await this.run(command, args, input);
    if (status === 0) return stdout;
    throw new Error(`flux ${args.join(" ")} ended with status ${status}: ${stderr}${stdout}`);
  }

  /** End the instance. Throws if it failed, or left something behind. */
  async stop(): Promise<void> {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const { status, stderr } = await this.#start.end("", stopTimeoutMs);
    const processes = killAll(this.#mark);
    const files = readdirSync(this.#folder, { recursive: true });
    rmSync(this.#folder, { recursive: true, force: true });
    const complaints = [
      ...(status === 0 ? [] : [`ended with status ${status}: ${stderr}`]),
      ...processes.map((line) => `left process ${line}`),
      ...files.map((file) => `left file ${String(file)}`),
    ];
    if (complaints.length > 0) throw new Error(`instance: ${complaints.join("\n")}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** A child process and what it prints. */
class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<number>;
  #stdout = "";
  #stderr = "";
  #onOutput = (): void => {};

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#child = spawn(command, args, { env });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.#stdout += text;
      this.#onOutput();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    // A program need not read what it is given.
    this.#child.stdin?.on("error", () => {});
    this.#ended = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code, signal) => resolve(code ?? (signal ? -1 : 0)));
    });
  }

  /** The first line it prints; throws if it ends before. */
  firstLine(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#onOutput = () => {
        const end = this.#stdout.indexOf("\n");
        if (end >= 0) resolve(this.#stdout.slice(0, end));
      };
      this.#onOutput();
      this.#ended.then(
        (status) => reject(new Error(`ended with status ${status}: ${this.#stderr}`)),
        reject,
      );
    });
  }

  /** Give it the rest of its input and wait for its end; it is killed when that takes too long. */
  async end(input: string, timeoutMs = programTimeoutMs): Promise<Ended> {
    this.#child.stdin?.end(input);
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), timeoutMs);
    const status = await this.#ended;
    clearTimeout(timer);
    return { status, stdout: this.#stdout, stderr: this.#stderr };
  }
}

/** Kill the processes that have this in their environment, and return what they were. */
function killAll(mark: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid) || !read(`/proc/${pid}/environ`).includes(mark)) continue;
    found.push(`${pid} ${read(`/proc/${pid}/cmdline`).replaceAll("\0", " ")}`);
    process.kill(Number(pid), "SIGKILL");
  }
  return found;
}

/** Empty if the process is gone, or not ours. */
function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
