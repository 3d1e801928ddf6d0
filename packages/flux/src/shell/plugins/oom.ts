import { type FSWatcher, readFileSync, watch, writeFileSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { Cgroup } from "../cgroup.ts";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { formatSize } from "../size.ts";
import type { Task } from "../task.ts";

const events = "memory.events";

/**
 * Says when the kernel killed tasks for want of memory, and `-o oom.adjust=N` makes it prefer them.
 * In a process that hosts several jobs, the control group does not tell whose task it was.
 */
export default defineShellPlugin({
  name: "oom",
  load(shell) {
    const option = shell.options.get("oom");
    const adjust = isJsonObject(option) ? option.adjust : undefined;
    if (adjust !== undefined && !Number.isInteger(adjust)) {
      throw new FluxError("EINVAL", "oom.adjust must be an integer");
    }
    if (adjust === undefined && shell.site.isResident) return undefined;
    return new OomWatch(shell, adjust as number | undefined);
  },
});

class OomWatch implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #adjust: number | undefined;
  #cgroup: Cgroup | undefined;
  #watcher: FSWatcher | undefined;
  #kills = 0;

  constructor(shell: Shell, adjust: number | undefined) {
    this.#shell = shell;
    this.#adjust = adjust;
  }

  "shell.init"(): void {
    if (this.#shell.site.isResident) return;
    this.#cgroup = Cgroup.own();
    if (!this.#cgroup) this.#debug("disabling oom detection: incompatible cgroup configuration");
    else if (!this.#cgroup.has(events)) this.#debug(`disabling oom detection: no ${events}`);
    else this.#start(this.#cgroup);
  }

  "task.fork"({ pid }: Task): void {
    if (this.#adjust === undefined) return;
    const before = peek(pid, "oom_score_adj");
    let failure = "";
    try {
      writeFileSync(`/proc/${pid}/oom_score_adj`, `${this.#adjust}`);
    } catch (error) {
      failure = `: ${(error as Error).message}`;
    }
    const change = `score_adj ${before}->${this.#adjust}`;
    this.#debug(`pid ${pid} ${change} score ${peek(pid, "oom_score")}${failure}`);
  }

  "shell.close"(): void {
    this.#watcher?.close();
  }

  #start(cgroup: Cgroup): void {
    try {
      this.#watcher = watch(cgroup.pathOf(events), { persistent: false }, () =>
        this.#check(cgroup),
      );
      this.#debug(`monitoring ${cgroup.pathOf(events)}`);
    } catch (error) {
      this.#debug(`disabling oom detection: ${(error as Error).message}`);
    }
  }

  #check(cgroup: Cgroup): void {
    const kills = cgroup.keyed(events, "oom_kill") ?? 0;
    const fresh = kills - this.#kills;
    if (fresh <= 0) return;
    this.#kills = kills;
    const what = `killed ${fresh} task${fresh > 1 ? "s" : ""} on ${this.#shell.site.hostname}.`;
    this.#error(`Memory cgroup out of memory: ${what}`);
    const peak = cgroup.number("memory.peak");
    if (peak !== undefined) this.#error(`memory.peak = ${formatSize(peak)}`);
  }

  #error(text: string): void {
    this.#shell.log(LogLevel.Error, text, "oom");
  }

  #debug(text: string): void {
    this.#shell.log(LogLevel.Debug, text, "oom");
  }
}

function peek(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8").trim();
  } catch {
    return "unknown";
  }
}
