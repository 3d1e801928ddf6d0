import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import { parseEntry } from "@flux-ts/protocol/job/eventlog";
import { decodeIo, type IoData, inputHeader } from "@flux-ts/protocol/job/output";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { jobInfo, WatchFlag } from "@flux-ts/protocol/services/job-info";
import { Idset } from "@flux-ts/protocol/text/idset";
import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import { ShellFailure } from "../../shell-failure.ts";
import { formatSize } from "../../size.ts";
import { applyBatchTimeout } from "../batch-timeout.ts";
import { inputConfig } from "./input-config.ts";

/** Standard input of the tasks: a file, or what is sent to the leader, which shares it with all. */
export default defineShellPlugin({
  name: "input",
  load(shell) {
    const config = inputConfig(shell.options.get("input"));
    if (config.type === "file") return fileInput(shell, config.path);
    return shell.isLeader ? new InputService(shell, config.limitBytes) : new InputWatcher(shell);
  },
});

function fileInput(shell: Shell, path: string): ShellCallbacks {
  return {
    "shell.init"() {
      const full = resolve(shell.cwd, path);
      try {
        accessSync(full, constants.R_OK);
      } catch (error) {
        const errnum = -((error as NodeJS.ErrnoException).errno ?? 0);
        const text = `error opening input file '${path}': ${errnoText(errnum)}`;
        throw new ShellFailure(1, text);
      }
      for (const task of shell.tasks) task.stdin = { path: full, flags: constants.O_RDONLY };
      if (!shell.isLeader) return;
      shell.guest.append("input", "header", inputHeader());
      shell.guest.append("input", "redirect", { stream: "stdin", rank: "all", path });
    },
  };
}

/**
 * Takes input for all tasks, keeps it in the input log, and gives the leader's own tasks theirs.
 */
class InputService implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #limitBytes: number;
  #bytes = 0;
  #open = new Idset();

  constructor(shell: Shell, limitBytes: number) {
    this.#shell = shell;
    this.#limitBytes = limitBytes;
  }

  "shell.init"(): void {
    const shell = this.#shell;
    if (shell.ntasks > 0) this.#open = Idset.range(0, shell.ntasks - 1);
    applyBatchTimeout(shell, "input", "input.util");
    shell.guest.append("input", "header", inputHeader());
    shell.service.serve(
      (methods) => methods.stdin,
      (io) => this.#onInput(io),
    );
  }

  async #onInput(io: JsonObject): Promise<void> {
    const input = decodeIo(io);
    const targets = input.rank === "all" ? this.#open.clone() : Idset.parse(input.rank);
    if (this.#open.isEmpty || !this.#open.includes(targets)) throw new FluxError("EPIPE");
    this.#count(input.data?.length ?? 0);
    this.#shell.guest.append("input", "data", io);
    if (input.eof) this.#open = this.#open.subtract(targets);
    deliver(this.#shell, input);
    // Other shells get it from the log; the end of input is not to be waited for.
    if (input.eof && this.#shell.size > 1) await this.#shell.guest.flush();
    else await this.#shell.guest.whenLow();
  }

  #count(size: number): void {
    this.#bytes += size;
    if (this.#bytes <= this.#limitBytes) return;
    const advice =
      "Try file input (flux submit --input=FILE) or redirect input to your command " +
      "to avoid the KVS for large amounts of input";
    const text = `stdin exceeds ${formatSize(this.#limitBytes)} limit. ${advice}`;
    this.#shell.fail(new ShellFailure(1, text));
    throw new FluxError("EPIPE");
  }
}

/** Follows the input log, for the tasks of a shell that is not the leader. */
class InputWatcher implements ShellCallbacks {
  readonly #shell: Shell;
  #stop: (() => void) | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
  }

  "shell.start"(): void {
    const { site, job } = this.#shell;
    const watch = site.flux.follow(
      jobInfo.eventlogWatch,
      {
        next: ({ event }) => {
          if (event !== undefined) this.#onEvent(event);
        },
        end: (error) => {
          if (error) this.#shell.log(LogLevel.Error, `guest.input: ${error.message}`, "input");
        },
      },
      { id: job.id, path: "guest.input", flags: WatchFlag.WaitCreate },
      { cancel: jobInfo.eventlogWatchCancel },
    );
    this.#stop = () => watch.cancel();
  }

  "shell.finish"(): void {
    this.#stop?.();
  }

  #onEvent(line: string): void {
    const { name, context } = parseEntry(line);
    if (name === "data") deliver(this.#shell, decodeIo(context));
  }
}

function deliver(shell: Shell, { rank, stream, data, eof }: IoData): void {
  const targets = rank === "all" ? undefined : Idset.parse(rank);
  for (const task of shell.tasks) {
    if (targets && !targets.has(task.rank)) continue;
    let isOver = eof === true;
    try {
      if (data?.length) task.write(stream, data);
    } catch (error) {
      if (!isErrno(error, "EPIPE") && !isErrno(error, "ENOSPC")) throw error;
      if (isErrno(error, "ENOSPC")) {
        shell.log(LogLevel.Warn, `task ${task.rank}: buffer full, closing stdin`, "input");
      }
      isOver = true;
    }
    if (isOver) task.end(stream);
  }
}
