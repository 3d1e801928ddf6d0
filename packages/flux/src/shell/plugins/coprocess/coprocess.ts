import { closeSync, openSync, writeSync } from "node:fs";
import { resolve } from "node:path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { Idset } from "@flux-ts/protocol/text/idset";
import { Process } from "../../../subprocess/process.ts";
import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import { isPerRank } from "../../template-tags.ts";
import { type CoprocessOption, coprocessOptions } from "./coprocess-option.ts";

const defaultKillSeconds = 10;
const sigterm = 15;
const sigkill = 9;

/** Helpers that run as long as the tasks do (`-o coprocess`), with their output in a file. */
export default defineShellPlugin({
  name: "coprocess",
  load(shell) {
    const option = shell.options.get("coprocess");
    return option === undefined ? undefined : new Coprocesses(shell, coprocessOptions(option));
  },
});

class Coprocesses implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #options: readonly CoprocessOption[];
  readonly #running = new Map<string, Process>();
  readonly #files = new Map<string, number>();
  /** Leader: shells whose output is still to come, by name of the helper. */
  readonly #awaited = new Map<string, Idset>();
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: Shell, options: readonly CoprocessOption[]) {
    this.#shell = shell;
    this.#options = options;
  }

  "shell.init"(): void {
    const shell = this.#shell;
    if (!shell.isLeader || shell.size === 1) return;
    const followers = Idset.range(1, shell.size - 1);
    for (const option of this.#options) {
      const senders = option.ranks ? followers.intersect(option.ranks) : followers.clone();
      if (!isPerRank(shell, option.output) && !senders.isEmpty) {
        this.#awaited.set(option.name, senders);
      }
    }
    if (this.#awaited.size === 0) return;
    shell.hold("coprocess.service");
    shell.service.serve(
      (methods) => methods.coprocessWrite,
      ({ name, data, eof_rank }) => {
        const option = this.#options.find((one) => one.name === name);
        if (option && data !== undefined) this.#write(option, new TextEncoder().encode(data));
        if (eof_rank !== undefined) this.#onEof(name, eof_rank);
      },
    );
  }

  async "shell.start"(): Promise<void> {
    const { rank } = this.#shell;
    const here = this.#options.filter(({ ranks }) => !ranks || ranks.has(rank));
    await Promise.all(here.map((option) => this.#start(option)));
  }

  "shell.finish"(): void {
    if (this.#running.size === 0) return;
    this.#signal(sigterm);
    const text = this.#shell.options.text("coprocess-kill-timeout");
    const seconds = text === undefined ? defaultKillSeconds : parseDuration(text);
    this.#timer = setTimeout(() => {
      this.#say(LogLevel.Warn, "helper(s) still running, sending SIGKILL");
      this.#signal(sigkill);
    }, seconds * 1000);
  }

  "shell.lost"(shellRank: number): void {
    for (const name of [...this.#awaited.keys()]) this.#onEof(name, shellRank);
  }

  "shell.close"(): void {
    clearTimeout(this.#timer);
    for (const fd of this.#files.values()) closeSync(fd);
  }

  "shell.kill"(): void {
    this.#signal(sigkill);
  }

  async #start(option: CoprocessOption): Promise<void> {
    const shell = this.#shell;
    const { name } = option;
    const child = new Process(
      {
        argv: option.command.map((arg) => shell.render(arg)),
        env: processEnvironment(),
        cwd: shell.cwd,
        stdin: "null",
        stdout: "pipe",
        stderr: "pipe",
      },
      {
        onOutput: ({ data }) => {
          if (data) this.#onOutput(option, data);
        },
        onComplete: () => this.#onEnd(option),
      },
    );
    shell.hold(`coprocess::${name}`);
    try {
      await child.start();
      this.#running.set(name, child);
      this.#say(LogLevel.Debug, `${name}: launched`);
    } catch (error) {
      this.#say(LogLevel.Error, `${name}: launch failed: ${(error as Error).message}`);
      this.#onEnd(option);
    }
  }

  #onOutput(option: CoprocessOption, data: Uint8Array): void {
    const { service } = this.#shell;
    if (!this.#forwards(option)) {
      this.#write(option, data);
      return;
    }
    const text = new TextDecoder().decode(data);
    service.send((methods) => methods.coprocessWrite, 0, { name: option.name, data: text });
  }

  #onEnd(option: CoprocessOption): void {
    const { service, rank } = this.#shell;
    const { name } = option;
    this.#running.delete(name);
    if (this.#running.size === 0) clearTimeout(this.#timer);
    if (this.#forwards(option)) {
      service.send((methods) => methods.coprocessWrite, 0, { name, eof_rank: rank });
    }
    this.#shell.release(`coprocess::${name}`);
  }

  /** The leader writes one file for all shells. */
  #forwards({ output }: CoprocessOption): boolean {
    return !this.#shell.isLeader && !isPerRank(this.#shell, output);
  }

  #write({ name, output }: CoprocessOption, data: Uint8Array): void {
    try {
      let fd = this.#files.get(name);
      if (fd === undefined) {
        fd = openSync(resolve(this.#shell.cwd, this.#shell.render(output)), "w", 0o600);
        this.#files.set(name, fd);
      }
      writeSync(fd, data);
    } catch (error) {
      this.#say(LogLevel.Error, `${name}: ${(error as Error).message}`);
    }
  }

  #onEof(name: string, shellRank: number): void {
    const senders = this.#awaited.get(name);
    senders?.remove(shellRank);
    if (senders?.isEmpty !== true) return;
    this.#awaited.delete(name);
    if (this.#awaited.size === 0) this.#shell.release("coprocess.service");
  }

  #signal(signum: number): void {
    for (const child of this.#running.values()) {
      try {
        child.kill(signum);
      } catch (error) {
        // It may have ended just now.
        if (!(error instanceof FluxError)) throw error;
      }
    }
  }

  #say(level: LogLevel, text: string): void {
    this.#shell.log(level, text, "coprocess");
  }
}

function processEnvironment(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined) env[name] = value;
  }
  return env;
}
