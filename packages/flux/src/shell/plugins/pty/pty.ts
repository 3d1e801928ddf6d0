import { constants } from "node:fs";
import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import type { Task } from "../../task.ts";
import { TerminusServer } from "../../terminus/terminus-server.ts";
import { type PtyOption, ptyOption } from "./pty-option.ts";

/** Terminals for tasks (`-o pty`), and for what the job's user starts beside them. */
export default defineShellPlugin({ name: "pty", load: (shell) => new TaskTerminals(shell) });

class TaskTerminals implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #option: PtyOption | undefined;
  #server: TerminusServer | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
    const option = shell.options.get("pty");
    this.#option = option === undefined ? undefined : ptyOption(option, shell.ntasks);
    shell.service.onRegister(() => this.#open().serve());
  }

  "shell.init"(): void {
    const shell = this.#shell;
    // Programs can tell that they run where a terminal can be had.
    shell.env.set("FLUX_TERMINUS_SESSION", "0");
    if (!this.#option) return;
    const targets = shell.tasks.filter(({ rank }) => this.#option!.ranks.has(rank));
    if (targets.length === 0) return;
    const server = this.#open();
    for (const task of targets) this.#give(server, task, this.#option);
    // A client may come when the task has ended already.
    shell.hold("terminus");
    void server.empty().then(() => shell.release("terminus"));
  }

  "task.exit"(task: Task): void {
    if (!this.#server || !this.#option?.ranks.has(task.rank)) return;
    const status = task.status ?? 0;
    const text = `close pty session rank=${task.rank} status=${status}`;
    this.#shell.log(LogLevel.Debug, text, "pty");
    this.#server.onExit(task.rank, status);
  }

  "shell.close"(): void {
    this.#server?.close();
  }

  #give(server: TerminusServer, task: Task, option: PtyOption): void {
    const { rank } = task;
    const isInteractive = option.interactive && rank === 0;
    // Only the first task's terminal has clients; nobody else would read the others.
    const isCaptured = option.capture || rank !== 0;
    const terminal = server.open(rank, `task${rank}`, {
      onData: (data) => {
        if (isCaptured) task.feed({ stream: "stdout", data });
      },
      onClosed() {
        task.feed({ stream: "stdout", eof: true });
        task.feed({ stream: "stderr", eof: true });
      },
    });
    const device = { path: terminal.path, flags: constants.O_RDWR };
    task.stdin = device;
    task.stdout = device;
    task.stderr = device;
    // The leader of a session gets the first terminal it opens as its controlling one.
    task.group = "session";
    task.env.FLUX_TERMINUS_SESSION = `${rank}`;
    terminal.waitsForClient = isInteractive;
    if (isInteractive) {
      const capture = option.capture ? { capture: 1 } : {};
      this.#shell.addEventContext("shell.init", { pty: "terminus.0", ...capture });
    }
    if (isCaptured) terminal.monitor();
  }

  #open(): TerminusServer {
    const { site, service, job, env, cwd } = this.#shell;
    this.#server ??= new TerminusServer(site.flux, {
      service: `${service.name}.terminus`,
      rank: site.rank,
      userid: job.userid,
      environment: () => env.toObject(),
      cwd,
    });
    return this.#server;
  }
}
