import { resolve } from "node:path";
import { later } from "@flux-ts/client/request";
import { decodeIo } from "@flux-ts/protocol/job/output";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Output } from "../../../subprocess/output.ts";
import { LogLevel, logLine } from "../../log-level.ts";
import { defineShellPlugin, type LogEntry, type ShellCallbacks } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import type { Task } from "../../task.ts";
import { isPerRank } from "../../template-tags.ts";
import { KvsOutput } from "./kvs-output.ts";
import { type OutputConfig, outputConfig, type StreamConfig } from "./output-config.ts";
import { type CreditAction, OutputCredit } from "./output-credit.ts";
import { OutputFile } from "./output-file.ts";
import { ioPieces, linesOf } from "./pieces.ts";

type StreamName = "stdout" | "stderr";
const streamNames = ["stdout", "stderr"] as const;

/**
 * Where the tasks' output goes: the job's output log, or files. The leader writes for all shells,
 * unless each has files of its own.
 */
export default defineShellPlugin({ name: "output", load: (shell) => new TaskOutput(shell) });

class TaskOutput implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #config: OutputConfig;
  readonly #files = new Map<string, OutputFile>();
  /** File of the first task for each stream: also that of other shells' tasks, and of the log. */
  readonly #shared: Partial<Record<StreamName, OutputFile>> = {};
  #kvs: KvsOutput | undefined;
  #credit: OutputCredit | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
    const { site, job, options } = shell;
    this.#config = outputConfig(options.get("output"), site.owner === job.userid);
  }

  "shell.init"(): void {
    const shell = this.#shell;
    for (const warning of this.#config.warnings) this.#warn(warning);
    for (const task of shell.tasks) for (const name of streamNames) this.#connect(task, name);
    if (shell.isLeader) this.#lead();
    else this.#credit = new OutputCredit(this.#config);
    if (this.#config.stderr.path !== undefined) {
      shell.plugins.callEach("shell.log-setlevel", () => {}, "eventlog", -1);
    }
  }

  "shell.log"(entry: LogEntry): void {
    if (this.#config.stderr.path === undefined) return;
    const { rank } = this.#shell;
    const file = this.#shared.stderr;
    if (file) file.append(logLine(rank, entry.level, entry.message, entry.component));
    else this.#write("log", { rank, ...entry });
  }

  "shell.output"(io: JsonObject): void {
    const { stream, rank, data } = decodeIo(io);
    const task = this.#shell.tasks.find((one) => `${one.rank}` === rank);
    if (task && data)
      this.#writerOf(task, stream === "stdout" ? "stdout" : "stderr")({ stream, data });
  }

  "shell.tasks-complete"(): void {
    this.#kvs?.close();
    this.#shell.release("output");
  }

  async "shell.close"(): Promise<void> {
    if (this.#files.size === 0) return;
    for (const [path, file] of this.#files) {
      const error = await file.close();
      if (error) this.#shell.log(LogLevel.Error, `${path}: ${error.message}`, "output");
    }
  }

  #lead(): void {
    const shell = this.#shell;
    const { stdout, stderr } = this.#config;
    this.#kvs = new KvsOutput(shell, this.#config);
    if (stdout.path !== undefined) this.#kvs.redirect("stdout", stdout.path);
    if (stderr.path !== undefined) this.#kvs.redirect("stderr", stderr.path);
    // Until the last output of the last task is here.
    shell.hold("output");
    if (shell.size === 1) return;
    shell.service.serve(
      (methods) => methods.write,
      ({ name, context }) => this.#write(name, context),
    );
    shell.service.serve(
      (methods) => methods.writeGetcredit,
      ({ credits }, request) => {
        void shell.guest.whenLow().then(() => request.respond({ credits }));
        return later;
      },
    );
  }

  #connect(task: Task, name: StreamName): void {
    task.onOutput(name, this.#writerOf(task, name), this.#config[name].lineBuffered);
  }

  /** What takes the output of a task: a file, the output log, or the leader. */
  #writerOf(task: Task, name: StreamName): (output: Output) => void {
    const shell = this.#shell;
    const { path } = this.#config[name];
    const rank = `${task.rank}`;
    if (path !== undefined && (shell.isLeader || isPerRank(shell, path))) {
      const file = this.#open(shell.render(path, { task }), this.#config[name]);
      this.#shared[name] ??= file;
      return ({ data }) => {
        if (data) writeTo(file, rank, data);
      };
    }
    return ({ stream, data, eof }) => {
      for (const { io, size } of data ? ioPieces(stream, rank, data) : [])
        this.#send(io, name, size);
      if (eof) this.#send({ stream, rank, eof: true }, name, 0);
    };
  }

  #send(io: JsonObject, stream: StreamName, size: number): void {
    if (this.#kvs) this.#kvs.data(io, stream, size);
    else this.#write("data", io);
  }

  /** An event for the output log, from here or from another shell. */
  #write(name: string, context: JsonObject): void {
    if (!this.#kvs) {
      this.#sendToLeader(name, context);
      return;
    }
    if (name === "log") {
      const { rank = 0, level = 5, message, component } = context;
      const entry = [Number(rank), Number(level) as LogLevel, `${message}`] as const;
      const file = this.#shared.stderr;
      if (file)
        file.append(logLine(...entry, component === undefined ? undefined : `${component}`));
      else this.#kvs.log(context);
    } else if (name === "data") {
      const { stream, rank, data } = decodeIo(context);
      const file = this.#shared[stream === "stdout" ? "stdout" : "stderr"];
      if (!file) this.#kvs.data(context, stream, data?.length ?? 0);
      else if (data) writeTo(file, rank, data);
    }
  }

  #sendToLeader(name: string, context: JsonObject): void {
    const { service, rank } = this.#shell;
    service.send((methods) => methods.write, 0, { name, shell_rank: rank, context });
    this.#perform(this.#credit?.onSent() ?? []);
  }

  #perform(actions: readonly CreditAction[]): void {
    for (const action of actions) {
      if (action === "request") this.#requestCredit();
      else this.#shell.pauseOutput("credit", action === "stop");
    }
  }

  #requestCredit(): void {
    const { service } = this.#shell;
    service
      .call((methods) => methods.writeGetcredit, 0, { credits: this.#config.hwm })
      .then(({ credits }) => this.#perform(this.#credit!.onGranted(credits)))
      .catch((error: Error) =>
        this.#warn(`output is stopped and getcredit failed: ${error.message}`),
      );
  }

  #open(path: string, { label }: StreamConfig): OutputFile {
    const full = resolve(this.#shell.cwd, path);
    let file = this.#files.get(full);
    if (!file) {
      const onPressure = (high: boolean): void => this.#shell.pauseOutput(full, high);
      file = new OutputFile(full, { append: this.#config.append, label, onPressure });
      this.#files.set(full, file);
    }
    return file;
  }

  #warn(text: string): void {
    this.#shell.log(LogLevel.Warn, text, "output");
  }
}

function writeTo(file: OutputFile, rank: string, data: Uint8Array): void {
  if (!file.isLabelled) file.write(rank, data);
  else for (const line of linesOf(data)) file.write(rank, line);
}
