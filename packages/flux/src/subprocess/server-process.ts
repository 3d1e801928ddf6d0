import { exitCodeOf, signalOf } from "@flux-ts/protocol/job/wait-status";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag } from "@flux-ts/protocol/services/rexec";
import { baseName, type Command, logName } from "./command.ts";
import type { ExecListener } from "./exec-listener.ts";
import { type Client, isForwarded } from "./exec-request.ts";
import { splitLines } from "./line-buffer.ts";
import type { Output } from "./output.ts";
import { RetainedOutput } from "./retained-output.ts";

/** Severities of the server's log (RFC 5424). */
export type LogSeverity = 3 | 6;
export type Log = (severity: LogSeverity, text: string) => void;

export interface WaitResult {
  readonly status: number;
  /** What the process wrote last; empty if nothing was kept. */
  readonly output: readonly Output[];
}

interface Waiter {
  readonly sender: string;
  readonly resolve: (result: WaitResult) => void;
  readonly reject: (error: FluxError) => void;
}

interface Attachment extends Client {
  readonly listener: ExecListener;
}

export interface ServerProcessOptions {
  readonly command: Command;
  readonly flags: number;
  readonly background: boolean;
  readonly request: Attachment;
  /** Buffer sizes of the streams that can be written, by name. */
  readonly credits: Readonly<Record<string, number>>;
  readonly log: Log;
}

/**
 * One process of a subprocess server (RFC 42): who follows it, who waits for it, and what is kept
 * of it. Its events come in through `on...`, in any order that processes have.
 *
 *     starting --onStart--> running --onComplete--> gone, or a zombie if it is waitable
 *
 * A zombie ends when somebody waits for it, attaches to it, or the server shuts down.
 */
export class ServerProcess {
  readonly command: Command;
  readonly background: boolean;
  pid = 0;
  #status: number | undefined;
  #completed = false;
  #waitable: boolean;
  #flags: number;
  /** Who gets responses: of a background process only while one is attached. */
  #follower: Attachment | undefined;
  #attached = false;
  #waiter: Waiter | undefined;
  #early: Record<string, number>;
  readonly #writeCredit: boolean;
  readonly #ended = new Set<string>();
  readonly #retained: RetainedOutput | undefined;
  readonly #log: Log;

  constructor(options: ServerProcessOptions) {
    const { command, flags, background, request, credits, log } = options;
    this.command = command;
    this.background = background;
    this.#flags = flags;
    this.#follower = request;
    this.#waitable = background && (flags & ExecFlag.Waitable) !== 0;
    this.#writeCredit = (flags & ExecFlag.WriteCredit) !== 0;
    this.#early = { ...credits };
    this.#retained = this.#waitable ? new RetainedOutput() : undefined;
    this.#log = log;
  }

  /** It has not completed; else it is a zombie. */
  get active(): boolean {
    return !this.#completed;
  }

  get waitable(): boolean {
    return this.#waitable;
  }

  /** It can go from the table: it has completed, and nobody may still ask how. */
  get isOver(): boolean {
    return this.#completed && !this.#waitable;
  }

  /** The client that would be told of its output and end. */
  get client(): Client | undefined {
    return this.#follower;
  }

  onStart(pid: number): void {
    this.pid = pid;
    const listener = this.#follower?.listener;
    if (this.background) this.#follower = undefined;
    listener?.started(pid);
    const credits = this.#early;
    this.#early = {};
    if (this.#writeCredit && Object.keys(credits).length > 0) listener?.addCredit(credits);
  }

  onCredit(stream: string, bytes: number): void {
    if (!this.#writeCredit) return;
    // Input that was taken before it was announced that it runs.
    if (this.pid === 0) this.#early[stream] = (this.#early[stream] ?? 0) + bytes;
    else this.#follower?.listener.addCredit({ [stream]: bytes });
  }

  onOutput(output: Output): void {
    const { stream, data, eof } = output;
    if (eof) this.#ended.add(stream);
    if (isForwarded(this.#flags, stream)) this.#follower?.listener.output(this.pid, output);
    if (!data || !this.background) return;
    if (this.#waitable) this.#retained?.push(stream, data);
    const name = `${logName(this.command)}[${this.pid}]`;
    const severity = stream === "stderr" ? 3 : 6;
    const decoder = new TextDecoder();
    for (const line of splitLines(data)) this.#log(severity, `${name}: ${decoder.decode(line)}`);
  }

  onStopped(): void {
    this.#follower?.listener.stopped();
  }

  onExit(status: number): void {
    this.#status = status;
    this.#follower?.listener.finished(status);
  }

  onComplete(status: number): void {
    this.#completed = true;
    this.#status = status;
    if (this.background) this.#log(6, this.#exitText(status));
    const listener = this.#follower?.listener;
    this.#follower = undefined;
    listener?.end(new FluxError("ENODATA"));
    if (this.#attached) this.#reaped();
    this.#answerWaiter();
  }

  /** It could not be started, or not be kept going: the last that anybody hears of it. */
  onFailure(error: FluxError): void {
    this.#completed = true;
    const listener = this.#follower?.listener;
    this.#follower = undefined;
    listener?.end(error);
    this.#waiter?.reject(new FluxError("ESRCH"));
    this.#reaped();
  }

  /** Wait for its end. Throws EINVAL or EBUSY, as flux-core answers. */
  wait(sender: string): Promise<WaitResult> {
    if (!this.#waitable) throw new FluxError("EINVAL", "process is not waitable");
    if (this.#waiter) throw new FluxError("EINVAL", "process is already being waited on");
    if (this.#attached) throw new FluxError("EBUSY", "subprocess has a client attached");
    return new Promise((resolve, reject) => {
      this.#waiter = { sender, resolve, reject };
      this.#answerWaiter();
    });
  }

  /** Send its output and end to a client from now on. Throws EBUSY. */
  attach(client: Client, flags: number, listener: ExecListener): void {
    if (!this.background) throw new FluxError("EBUSY", "subprocess is not in background mode");
    if (this.#attached) throw new FluxError("EBUSY", "subprocess already has a client attached");
    if (this.#waiter) throw new FluxError("EBUSY", "subprocess is being waited on");
    this.#flags = flags;
    this.#attached = true;
    this.#follower = { sender: client.sender, matchtag: client.matchtag, listener };
    listener.attached(this.pid, this.command);
    for (const stream of this.#ended) {
      if (isForwarded(flags, stream)) listener.output(this.pid, { stream, eof: true });
    }
    if (this.#status !== undefined) listener.finished(this.#status);
    if (!this.#completed) return;
    this.#follower = undefined;
    listener.end(new FluxError("ENODATA"));
    this.#reaped();
  }

  /** A client is gone. True if the process is to be killed, since it ran for that client alone. */
  disconnect(sender: string): boolean {
    if (this.#waiter?.sender === sender) this.#waiter = undefined;
    if (this.#follower?.sender !== sender) return false;
    // A background process that is still starting outlives its client.
    this.#follower = undefined;
    this.#attached = false;
    return !this.background;
  }

  /** The server shuts down: nobody will be able to ask how it ended. */
  forget(): void {
    this.#waiter?.reject(new FluxError("ENOSYS", "subprocess server is shutting down"));
    this.#reaped();
  }

  #answerWaiter(): void {
    if (!this.#completed || !this.#waiter || !this.#waitable) return;
    this.#waiter.resolve({ status: this.#status!, output: this.#retained?.output ?? [] });
    this.#reaped();
  }

  #reaped(): void {
    this.#waitable = false;
    this.#waiter = undefined;
  }

  #exitText(status: number): string {
    const { label, cmdline } = this.command;
    const prefix = label === undefined ? "" : `${label}: `;
    const signum = signalOf(status);
    return signum
      ? `${prefix}${cmdline[0]}[${this.pid}]: Killed by signal ${signum}`
      : `${prefix}${baseName(cmdline[0]!)}[${this.pid}]: Exit ${exitCodeOf(status)}`;
  }
}
