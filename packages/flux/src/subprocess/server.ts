import { Errno, errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { childEnvironment, type Environment } from "./child-environment.ts";
import { type Command, commandName } from "./command.ts";
import type { ExecListener } from "./exec-listener.ts";
import { type Client, checkExec, type ExecRequest } from "./exec-request.ts";
import { initialCredits, processOptions } from "./launch.ts";
import { type MessageChannel, openMessageChannel } from "./message-channel.ts";
import { Process, type ProcessEvents, type ProcessOptions } from "./process.ts";
import { type ProcessName, ProcessTable } from "./process-table.ts";
import { type Log, ServerProcess, type WaitResult } from "./server-process.ts";

export interface SubprocessServerOptions {
  /** FLUX_URI of the processes. */
  readonly localUri: string;
  /** Environment of processes whose command has none. Default: that of this process. */
  readonly environment?: Environment;
  /** Output and ends of background processes, and what goes wrong. */
  readonly log: Log;
}

/** A process as `list` shows it: running, or a zombie that nobody has waited for. */
export interface ListedProcess {
  readonly pid: number;
  readonly cmd: string;
  readonly label: string;
  readonly state: "R" | "Z";
}

export interface WriteRequest extends Client {
  readonly stream: string;
  readonly data?: Uint8Array | undefined;
  readonly eof?: boolean | undefined;
}

export interface AttachRequest extends ProcessName, Client {
  readonly flags: number;
  readonly streaming: boolean;
}

const sigkill = 9;

/** A process of the table, with what drives it. */
interface Entry {
  readonly state: ServerProcess;
  process?: Process;
  /** Resolves to whether it could be started. */
  started: Promise<boolean>;
  /** To be sent once it runs. */
  pendingSignal: number;
}

/**
 * Starts and follows processes for clients (RFC 42): the service `rexec` of a broker and that of a
 * job shell. It knows nothing of messages: callers check who may ask, decode requests and encode
 * what the listeners get.
 */
export class SubprocessServer {
  readonly #options: SubprocessServerOptions;
  readonly #table = new ProcessTable<Entry>();
  readonly #ownEnvironment: Environment;
  #shutdown: { readonly done: Promise<void>; readonly resolve: () => void } | undefined;

  constructor(options: SubprocessServerOptions) {
    this.#options = options;
    const own = options.environment ?? definedOnly(process.env);
    this.#ownEnvironment = childEnvironment(own, options.localUri);
  }

  /** Start a process. All that comes of it, errors too, goes to the listener. */
  exec(request: ExecRequest, listener: ExecListener): void {
    try {
      const { entry, options } = this.#admit(request, listener);
      entry.started = this.#start(entry, options);
    } catch (error) {
      listener.end(asFluxError(error));
    }
  }

  /**
   * Input for the process that this client has started or is attached to; silently dropped if there
   * is none. What the buffer has no room for is fatal to the process, as in flux-core.
   */
  write({ sender, matchtag, stream, data, eof }: WriteRequest): void {
    const entry = this.#table.ofClient({ sender, matchtag });
    const child = entry?.process;
    if (!entry || !child || child.status !== undefined) return;
    if (!child.inputNames.includes(stream)) {
      const text = `write to stream ${stream} of subprocess, which it does not have, was dropped`;
      if (data?.length) this.#options.log(3, text);
      return;
    }
    try {
      if (data?.length) child.write(stream, data);
      if (eof) child.end(stream);
    } catch (error) {
      const failure = asFluxError(error);
      this.#options.log(3, `Error writing ${data?.length ?? 0} bytes to subprocess ${stream}`);
      this.#fail(entry, failure);
    }
  }

  /** Send a signal. Rejects with ESRCH, or EINVAL for a number that is no signal. */
  async kill({ signum, ...name }: ProcessName & { readonly signum: number }): Promise<void> {
    const entry = this.#table.find(name);
    if (!(await entry.started) || !entry.state.active) throw new FluxError("ESRCH");
    entry.process!.kill(signum);
  }

  list(): ListedProcess[] {
    const started = [...this.#table].map(({ state }) => state).filter(({ pid }) => pid !== 0);
    return started.map(({ pid, command, active }) => ({
      pid,
      cmd: commandName(command),
      label: command.label ?? "",
      state: active ? "R" : "Z",
    }));
  }

  /** How a waitable process ended. Rejects with ESRCH, EINVAL or EBUSY. */
  async wait({ sender, ...name }: ProcessName & { readonly sender: string }): Promise<WaitResult> {
    const entry = this.#table.find(name);
    const result = entry.state.wait(sender);
    this.#settle(entry);
    return result;
  }

  /** Follow a background process. All that comes of it, errors too, goes to the listener. */
  attach(request: AttachRequest, listener: ExecListener): void {
    const refuse = (error: unknown): void => listener.end(asFluxError(error));
    if (!request.streaming) {
      refuse(new FluxError("EPROTO", "attach request is missing STREAMING flag"));
      return;
    }
    let entry: Entry;
    try {
      entry = this.#table.find(request);
    } catch (error) {
      refuse(new FluxError("ENOENT", asFluxError(error).message));
      return;
    }
    void this.#attach(entry, request, listener).catch(refuse);
  }

  /** A client is gone: its own processes are killed, those it was attached to go on. */
  disconnect(sender: string): void {
    for (const entry of this.#table) {
      if (entry.state.disconnect(sender)) this.#signal(entry, sigkill);
    }
  }

  /**
   * Start no more processes, and signal those there are. Resolves when all have ended; who cannot
   * wait that long calls it again with SIGKILL.
   */
  shutdown(signum: number): Promise<void> {
    this.#shutdown ??= openShutdown();
    for (const entry of [...this.#table]) {
      entry.state.forget();
      if (entry.state.active) this.#signal(entry, signum);
      this.#settle(entry);
    }
    if (this.#table.size === 0) this.#shutdown.resolve();
    return this.#shutdown.done;
  }

  #admit(request: ExecRequest, listener: ExecListener): { entry: Entry; options: ProcessOptions } {
    if (this.#shutdown) throw new FluxError("ENOSYS", "subprocess server is shutting down");
    const command = checkExec(request);
    const { flags, localFlags = 0, streaming, sender, matchtag } = request;
    const background = !streaming;
    const environment = this.#environmentOf(command);
    let options: ProcessOptions;
    try {
      options = processOptions({ command, flags, localFlags, background, environment });
    } catch (error) {
      throw launchError(error);
    }
    const state = new ServerProcess({
      command,
      flags,
      background,
      request: { sender, matchtag, listener },
      credits: initialCredits(options),
      log: this.#options.log,
    });
    const entry: Entry = { state, started: Promise.resolve(false), pendingSignal: 0 };
    this.#table.add(entry);
    return { entry, options };
  }

  #environmentOf({ env }: Command): Environment {
    for (const _name in env) return childEnvironment(env, this.#options.localUri);
    return this.#ownEnvironment;
  }

  /** Without message channels, input can be written as soon as this is called. */
  async #start(entry: Entry, options: ProcessOptions): Promise<boolean> {
    const channels: MessageChannel[] = [];
    try {
      for (const { name, uri } of entry.state.command.msgchan ?? []) {
        channels.push(await openMessageChannel(name, uri));
      }
      const passFds = channels.map(({ passed }) => passed);
      entry.process = new Process({ ...options, passFds }, this.#eventsOf(entry, channels));
      await entry.process.start();
      return true;
    } catch (error) {
      for (const channel of channels) channel.close();
      entry.state.onFailure(launchError(error));
      this.#settle(entry);
      return false;
    } finally {
      for (const channel of channels) channel.closeTheirs();
    }
  }

  #eventsOf(entry: Entry, channels: readonly MessageChannel[]): ProcessEvents {
    const { state } = entry;
    return {
      onStart: (pid) => {
        if (state.active) this.#table.started(entry, pid);
        state.onStart(pid);
        if (entry.pendingSignal) this.#signal(entry, entry.pendingSignal);
      },
      onOutput: (output) => state.onOutput(output),
      onCredit: (stream, bytes) => state.onCredit(stream, bytes),
      onStopped: () => state.onStopped(),
      onExit: (status) => state.onExit(status),
      onComplete: (status) => {
        for (const channel of channels) channel.close();
        state.onComplete(status);
        this.#settle(entry);
      },
    };
  }

  async #attach(entry: Entry, request: AttachRequest, listener: ExecListener): Promise<void> {
    if (entry.state.pid === 0 && !(await entry.started)) throw new FluxError("ENOENT");
    entry.state.attach(request, request.flags, listener);
    this.#settle(entry);
  }

  #signal(entry: Entry, signum: number): void {
    const { pid } = entry.state;
    if (pid === 0) {
      entry.pendingSignal = signum;
      return;
    }
    try {
      entry.process!.kill(signum);
    } catch (error) {
      const { errnum, message } = asFluxError(error);
      if (errnum !== Errno.ESRCH) this.#options.log(3, `subprocess_kill ${pid}: ${message}`);
    }
  }

  /** What the process does from here on is nobody's concern. */
  #fail(entry: Entry, { errnum }: FluxError): void {
    entry.state.onFailure(new FluxError(errnum, `internal fatal error: ${errnoText(errnum)}`));
    this.#signal(entry, sigkill);
    this.#settle(entry);
  }

  #settle(entry: Entry): void {
    if (!entry.state.isOver) return;
    this.#table.remove(entry);
    if (this.#table.size === 0) this.#shutdown?.resolve();
  }
}

function openShutdown(): { done: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const done = new Promise<void>((resolved) => {
    resolve = resolved;
  });
  return { done, resolve };
}

function launchError(error: unknown): FluxError {
  const { errnum } = asFluxError(error);
  return new FluxError(errnum, `error launching process: ${errnoText(errnum)}`, { cause: error });
}

/** Anything else is a defect, and not for clients to see in detail. */
function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  throw error;
}

function definedOnly(env: NodeJS.ProcessEnv): Environment {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
