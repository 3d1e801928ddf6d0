import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { Cgroup } from "../cgroup.ts";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { formatSize } from "../size.ts";

/** Without a period of its own: that of heartbeats. */
const defaultPeriodSeconds = 2;
const microseconds = 1e6;

/** `-o sysmon`: memory and CPU use of the job on each node, from its control group. */
export default defineShellPlugin({
  name: "sysmon",
  load(shell) {
    const option = shell.options.get("sysmon");
    if (option === undefined || option === false || option === 0) return undefined;
    return new Sysmon(shell, periodOf(option));
  },
});

interface Sample {
  readonly time: number;
  readonly cpuSeconds: number;
}

class Sysmon implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #periodSeconds: number;
  #cgroup: Cgroup | undefined;
  #hasMemory = false;
  #first: Sample | undefined;
  #last: Sample | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: Shell, periodSeconds: number) {
    this.#shell = shell;
    this.#periodSeconds = periodSeconds;
  }

  "shell.init"(): void {
    this.#cgroup = Cgroup.own();
    if (!this.#cgroup) {
      this.#say(LogLevel.Warn, "incompatible cgroup configuration (disabled)");
      return;
    }
    if (!this.#cgroup.has("cpu.stat")) this.#say(LogLevel.Warn, "no cpu.stat (disabled)");
    this.#hasMemory = ["memory.peak", "memory.current"].every((name) => this.#cgroup!.has(name));
    if (!this.#hasMemory) {
      this.#say(LogLevel.Warn, "no memory.peak/memory.current (disabled)");
    }
  }

  "shell.start"(): void {
    this.#first = this.#sample();
    this.#last = this.#first;
    if (this.#shell.verbose < 2) return;
    this.#timer = setInterval(() => this.#poll(), this.#periodSeconds * 1000);
  }

  "shell.exit"(): void {
    if (this.#hasMemory) this.#say(LogLevel.Notice, `memory.peak=${this.#memory("memory.peak")}`);
    const now = this.#sample();
    if (this.#first && now) {
      this.#say(LogLevel.Notice, `loadavg-overall=${load(this.#first, now)}`);
    }
  }

  "shell.close"(): void {
    clearInterval(this.#timer);
  }

  #poll(): void {
    if (this.#hasMemory) {
      this.#say(LogLevel.Trace, `memory.current=${this.#memory("memory.current")}`);
    }
    const now = this.#sample();
    if (!this.#last || !now) return;
    this.#say(LogLevel.Trace, `loadavg=${load(this.#last, now)}`);
    this.#last = now;
  }

  #sample(): Sample | undefined {
    const usage = this.#cgroup?.keyed("cpu.stat", "usage_usec");
    if (usage === undefined) return undefined;
    return { time: performance.now() / 1000, cpuSeconds: usage / microseconds };
  }

  #memory(name: string): string {
    const bytes = this.#cgroup?.number(name);
    return bytes === undefined ? "unknown" : formatSize(bytes);
  }

  #say(level: LogLevel, text: string): void {
    this.#shell.log(level, text, "sysmon");
  }
}

function load(before: Sample, now: Sample): string {
  const seconds = now.time - before.time;
  return (seconds > 0 ? (now.cpuSeconds - before.cpuSeconds) / seconds : 0).toFixed(2);
}

/** Seconds. EINVAL for something else. */
function periodOf(option: Json): number {
  if (!isJsonObject(option)) return defaultPeriodSeconds;
  const { period = defaultPeriodSeconds, ...others } = option;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new FluxError("EINVAL", `sysmon.${unknown} is not an option`);
  const seconds = typeof period === "string" ? parseDuration(period) : Number(period);
  if (!(seconds > 0 && seconds < 2 ** 31)) {
    throw new FluxError("EINVAL", "sysmon.period is not a valid FSD");
  }
  return seconds;
}
