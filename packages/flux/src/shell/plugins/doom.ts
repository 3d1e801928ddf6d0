import { exitCodeOf, statusNote } from "@flux-ts/protocol/job/wait-status";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { formatDuration, parseDuration } from "@flux-ts/protocol/text/duration";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { ShellFailure } from "../shell-failure.ts";
import type { Task } from "../task.ts";

const defaultTimeoutSeconds = 30;
const maxTimerMs = 2 ** 31 - 1;

/**
 * What becomes of a job when its first task has ended: event `shell.task-exit`, and an exception if
 * that task failed (`exit-on-error`) or the others go on for too long (`exit-timeout`).
 */
export default defineShellPlugin({
  name: "doom",
  load(shell) {
    return shell.isLeader ? new Doom(shell) : messenger(shell);
  },
});

/** Tells the leader about the first task that ends on another node. */
function messenger(shell: Shell): ShellCallbacks {
  let isDone = false;
  return {
    "task.exit"(task) {
      if (isDone) return;
      isDone = true;
      shell.service.send((methods) => methods.doom, 0, task.info);
    },
  };
}

class Doom implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #timeoutSeconds: number | undefined;
  /** From followers, before this shell has come as far. */
  readonly #early: JsonObject[] = [];
  #isStarted = false;
  #isPosted = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
    this.#timeoutSeconds = timeoutOf(shell.options.get("exit-timeout"));
    shell.service.serve(
      (methods) => methods.doom,
      (info) => this.#onMessage(info),
    );
  }

  "shell.start"(): void {
    // The second barrier is still to come, and the event after it.
    void this.#shell.started.then(() => {
      this.#isStarted = true;
      for (const info of this.#early) this.#post(info);
    });
  }

  "task.exit"(task: Task): void {
    if (!this.#isPosted) this.#post(task.info);
  }

  "shell.lost"(shellRank: number): void {
    const host = this.#shell.layout.nodes[shellRank]?.host ?? "unknown";
    this.#check(`shell rank ${shellRank} on host ${host}`, undefined);
  }

  "shell.tasks-complete"(): void {
    clearTimeout(this.#timer);
  }

  "shell.close"(): void {
    clearTimeout(this.#timer);
  }

  #onMessage(info: JsonObject): void {
    if (this.#isStarted) this.#post(info);
    else if (this.#early.length === 0) this.#early.push(info);
  }

  #post(info: JsonObject): void {
    if (this.#isPosted) return;
    this.#isPosted = true;
    const shell = this.#shell;
    shell.guest.append("exec.eventlog", "shell.task-exit", info);
    const { rank, wait_status: status } = info;
    const node = shell.layout.taskmap.nodeid(Number(rank));
    const host = (node !== undefined && shell.layout.nodes[node]?.host) || "unknown";
    this.#check(`task rank ${rank} on host ${host}`, Number(status));
  }

  /** `status`: wait status of the task; undefined if it is not known. */
  #check(who: string, status: number | undefined): void {
    const { options, size, tasks } = this.#shell;
    const exitCode = status === undefined ? 1 : exitCodeOf(status);
    const how = status === undefined ? "" : ` (${statusNote(status)})`;
    const program = this.#program;
    if (options.has("exit-on-error") && exitCode !== 0) {
      const note = `${program}: ${who} failed${how} and exit-on-error is set`;
      this.#fail(note, exitCode, status);
    } else if (this.#timeoutSeconds !== undefined && (size > 1 || tasks.length > 1)) {
      const seconds = this.#timeoutSeconds;
      const timeout = formatDuration(seconds);
      const note = `${program}: ${who} exited${how} and exit-timeout=${timeout} has expired`;
      const expire = (): void => this.#fail(note, exitCode, status);
      this.#timer ??= setTimeout(expire, Math.min(seconds * 1000, maxTimerMs));
    }
  }

  #fail(note: string, exitCode: number, status: number | undefined): void {
    const shell = this.#shell;
    // The exception carries the task's status, which becomes that of the job.
    void shell
      .raise("exec", 0, note, status)
      .then(() => shell.fail(new ShellFailure(exitCode, note)));
  }

  get #program(): string {
    const [command = ""] = this.#shell.job.jobspec.tasks[0]!.command;
    return command.slice(command.lastIndexOf("/") + 1);
  }
}

/** Seconds; undefined: for ever. EINVAL for something else. */
function timeoutOf(option: Json | undefined): number | undefined {
  if (option === undefined) return defaultTimeoutSeconds;
  if (typeof option === "number" && option >= 0) return option;
  if (typeof option === "string") {
    if (option.toLowerCase() === "none") return undefined;
    try {
      const seconds = parseDuration(option);
      return Number.isFinite(seconds) ? seconds : undefined;
    } catch {
      // Said below, naming the option.
    }
  }
  throw new FluxError("EINVAL", "exit-timeout is not a valid Flux Standard Duration");
}
