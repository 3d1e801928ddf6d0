import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Taskmap } from "@flux-ts/protocol/text/taskmap";
import type { LogLevel } from "./log-level.ts";
import type { Shell } from "./shell.ts";
import type { Task } from "./task.ts";

/** A line of the shell's log. */
export interface LogEntry {
  readonly level: LogLevel;
  readonly message: string;
  readonly component?: string;
}

type Result = void | Promise<void>;

/**
 * What a plugin wants to be called at, in the order in which it happens. An error thrown before the
 * tasks run ends the job; later ones are logged.
 */
export interface ShellCallbacks {
  /** All that is known of the job is known; change options, environment, tasks. */
  "shell.init"?(): Result;
  /** All shells of the job have got here. */
  "shell.post-init"?(): Result;
  /** A task will be started: change its command or streams. */
  "task.init"?(task: Task): void;
  /** A task runs. */
  "task.fork"?(task: Task): void;
  /** All tasks of this shell run. */
  "shell.start"?(): Result;
  /** A task has ended, and all its output is read. */
  "task.exit"?(task: Task): void;
  /** All tasks of this shell have ended. */
  "shell.finish"?(): void;
  /** Leader: all tasks of all shells have ended. */
  "shell.tasks-complete"?(): void;
  /** The shell is about to end well. */
  "shell.exit"?(): Result;
  /** The shell has ended, well or not: let go of everything. */
  "shell.close"?(): Result;
  "shell.log"?(entry: LogEntry): void;
  /** Log to `destination` (`any`, `eventlog`) only what is at least as severe; -1: nothing. */
  "shell.log-setlevel"?(destination: string, level: number): void;
  /** Leader: another shell of the job is gone. */
  "shell.lost"?(shellRank: number, severity: number): void;
  /** Output for a task's stream from elsewhere than the task: an io object (RFC 24). */
  "shell.output"?(io: JsonObject): void;
  /** R was updated, such as its expiration. */
  "shell.resource-update"?(): void;
  /** The connection to the broker was lost and is there again. */
  "shell.reconnect"?(): Result;
  /** Kill all processes now: the shell is about to end. */
  "shell.kill"?(signum: number): void;
  /** Other mappings of tasks to nodes, by scheme. Throws EINVAL. */
  readonly taskmap?: Readonly<Record<string, (value: string, block: Taskmap) => Taskmap>>;
  /** Template tags, by name. */
  readonly mustache?: Readonly<Record<string, () => string | undefined>>;
}

/** An extension of the job shell. */
export interface ShellPlugin {
  readonly name: string;
  /** Called once for each job; nothing to do for this one: return undefined. */
  load(shell: Shell): ShellCallbacks | undefined;
}

/** Declare a plugin: `export default defineShellPlugin({ name: "hello", load(shell) {...} })`. */
export function defineShellPlugin(plugin: ShellPlugin): ShellPlugin {
  return plugin;
}
