import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";

/** Whose instance is measured. */
export type Make = "flux-ts" | "flux-core";

const prefix = process.env.FLUX_CORE_PREFIX;

/** What there is to compare: ours, and flux-core if FLUX_CORE_PREFIX names an installation. */
export const makes: readonly Make[] = prefix ? ["flux-ts", "flux-core"] : ["flux-ts"];

/** The `flux` command of a make. */
export function commandOf(make: Make): string {
  if (make === "flux-core") return join(prefix ?? "/usr", "bin/flux");
  return process.env.BENCH_FLUX ?? fileURLToPath(new URL("../bin/flux", import.meta.url));
}

export interface InstanceOptions {
  readonly make: Make;
  /** Pretended cores of its one node. Default: what there is. */
  readonly cores?: number | undefined;
  /** Where it keeps its content; default: a temporary file that need not survive anything. */
  readonly statedir?: string | undefined;
}

/** Without what describes an instance around the benchmark. */
export const cleanEnv = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(FLUX_(?!TS_)|PMI_|BENCH_)/.test(name)),
) as Record<string, string>;

/** A running instance of one broker, with a connection to it. */
export class Instance implements AsyncDisposable {
  readonly flux: Flux;
  readonly uri: string;
  /** Process id of the broker. */
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(
    flux: Flux,
    parts: { uri: string; pid: number; child: ChildProcess; folder: string },
  ) {
    this.flux = flux;
    this.uri = parts.uri;
    this.pid = parts.pid;
    this.#child = parts.child;
    this.#folder = parts.folder;
  }

  static async start({ make, cores, statedir }: InstanceOptions): Promise<Instance> {
    const folder = mkdtempSync(join(tmpdir(), "flux-bench-"));
    const args = ["start", "-s1"];
    if (cores !== undefined) {
      writeFileSync(join(folder, "bench.toml"), pretended(cores));
      args.push(`--config-path=${folder}`);
    }
    if (statedir !== undefined) args.push(`-Sstatedir=${statedir}`);
    args.push("sh", "-c", "echo $FLUX_URI; exec cat");
    const stdio = ["pipe", "pipe", "inherit"] as const;
    const child = spawn(commandOf(make), args, { env: cleanEnv, stdio: [...stdio] });
    const uri = await firstLine(child);
    const flux = await connect(uri);
    const pid = Number(await flux.attr("broker.pid"));
    return new Instance(flux, { uri, pid, child, folder });
  }

  /** Environment for commands that are to talk to it. */
  get env(): Record<string, string> {
    return { ...cleanEnv, FLUX_URI: this.uri };
  }

  /** CPU seconds of the broker and of all that it started and still has or has waited for. */
  cpuSeconds(): number {
    return cpuOfTree(this.pid, processes());
  }

  /** Memory of the broker in MiB: resident, and its share of what it has in common with others. */
  memory(): { rss: number; pss: number } {
    const text = readFileSync(`/proc/${this.pid}/smaps_rollup`, "utf8");
    const of = (name: string): number =>
      Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(text)![1]);
    return { rss: of("Rss") / 1024, pss: of("Pss") / 1024 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.flux.close();
    const ended = new Promise((resolve) => this.#child.once("close", resolve));
    this.#child.stdin!.end();
    await ended;
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function pretended(cores: number): string {
  return `[resource]
noverify = true
[[resource.config]]
hosts = "${hostname()}"
cores = "0-${cores - 1}"
`;
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout!.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const end = text.indexOf("\n");
      if (end >= 0) resolve(text.slice(0, end));
    });
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the instance ended early with ${code}`)));
  });
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
}

const ticksPerSecond = 100;

function processes(): ProcessStat[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      const times = fields.slice(11, 15).map(Number);
      const ticks = times.reduce((sum, time) => sum + time, 0);
      return [{ pid: Number(name), parent: Number(fields[1]), ticks }];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

function cpuOfTree(pid: number, all: readonly ProcessStat[]): number {
  let ticks = 0;
  const pending = [pid];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    ticks += all.find((process) => process.pid === next)?.ticks ?? 0;
    for (const { pid: child, parent } of all) if (parent === next) pending.push(child);
  }
  return ticks / ticksPerSecond;
}
