import { decodeIo, encodeIo } from "@flux-ts/protocol/job/output";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { ExecFlag, rexecAt } from "@flux-ts/protocol/services/rexec";
import type { Flux, FollowSink } from "./handle.ts";

/** The command to run (RFC 42); its keys are those of the wire. */
export type ExecCommand = {
  cmdline: string[];
  /** Empty: the server's own environment. */
  env: Record<string, string>;
  /** Such as `stdin_BUFSIZE`. */
  opts: Record<string, string>;
  /** Further streams besides the standard ones. */
  channels: string[];
  cwd?: string;
  label?: string;
};

/** Told of what happens to a remote process (RFC 42). */
export interface RemoteProcessSink {
  started?(pid: number): void;
  output?(stream: string, data: Uint8Array): void;
  /** That many more bytes of input are welcome. */
  credit?(stream: string, bytes: number): void;
  /** The process ended with this wait(2) status; output may still come. */
  finished?(status: number): void;
  /** Nothing more will come; with an error if the process could not be run or was lost. */
  end(error?: FluxError): void;
}

export interface RemoteTarget {
  /** Service name; `rexec` is every broker's own. */
  readonly service?: string;
  readonly rank: number;
}

export interface RemoteExecOptions extends RemoteTarget {
  readonly command: ExecCommand;
  /** Report input credits. */
  readonly writeCredit?: boolean;
}

export interface RemoteAttachOptions extends RemoteTarget {
  /** The background process: by pid, or by label with pid -1. */
  readonly pid: number;
  readonly label?: string | undefined;
  readonly writeCredit?: boolean;
}

interface Response {
  readonly type: string;
  readonly pid?: number | undefined;
  readonly status?: number | undefined;
  readonly io?: unknown;
  readonly channels?: Record<string, number> | undefined;
}

/** A process that another broker runs for us. */
export class RemoteProcess {
  readonly rank: number;
  readonly #flux: Flux;
  readonly #methods: ReturnType<typeof rexecAt>;
  readonly #sink: RemoteProcessSink;
  #matchtag = 0;
  #pid: number | undefined;
  #status: number | undefined;
  #isOver = false;

  private constructor(flux: Flux, target: RemoteTarget, sink: RemoteProcessSink) {
    this.#flux = flux;
    this.rank = target.rank;
    this.#methods = rexecAt(target.service ?? "rexec");
    this.#sink = sink;
  }

  /** Start a command; what happens is told to `sink`. */
  static exec(flux: Flux, options: RemoteExecOptions, sink: RemoteProcessSink): RemoteProcess {
    const process = new RemoteProcess(flux, options, sink);
    const request = {
      cmd: options.command,
      flags: streamFlags(options.writeCredit),
      local_flags: 0,
    };
    const following = flux.follow(process.#methods.exec, process.#follower(), request, {
      nodeid: options.rank,
    });
    process.#matchtag = following.matchtag;
    return process;
  }

  /** Take over the output and input of a background process. */
  static attach(flux: Flux, options: RemoteAttachOptions, sink: RemoteProcessSink): RemoteProcess {
    const process = new RemoteProcess(flux, options, sink);
    const { pid, label, rank, writeCredit } = options;
    const flags = streamFlags(writeCredit);
    const request = label === undefined ? { pid, flags } : { pid, label, flags };
    const following = flux.follow(process.#methods.attach, process.#follower(), request, {
      nodeid: rank,
    });
    process.#matchtag = following.matchtag;
    return process;
  }

  /** Undefined until it has started. */
  get pid(): number | undefined {
    return this.#pid;
  }

  /** wait(2) status; undefined while it runs. */
  get status(): number | undefined {
    return this.#status;
  }

  get isRunning(): boolean {
    return this.#pid !== undefined && this.#status === undefined && !this.#isOver;
  }

  /** Send input. What comes after the process has ended is dropped. */
  write(data: Uint8Array, stream = "stdin"): void {
    this.#send({ stream, rank: String(this.rank), data });
  }

  /** No more input will come. */
  closeInput(stream = "stdin"): void {
    this.#send({ stream, rank: String(this.rank), eof: true });
  }

  async kill(signum: number): Promise<void> {
    if (this.#pid === undefined) throw new FluxError("ESRCH", "the process has not started");
    await this.#flux.call(this.#methods.kill, { pid: this.#pid, signum }, { nodeid: this.rank });
  }

  #send(io: Parameters<typeof encodeIo>[0]): void {
    if (this.#isOver || this.#status !== undefined) return;
    const request = {
      matchtag: this.#matchtag,
      io: encodeIo(io) as { stream: string; rank: string },
    };
    this.#flux.send(this.#methods.write, request, { nodeid: this.rank });
  }

  #follower(): FollowSink<Response> {
    return {
      next: (response) => this.#onResponse(response),
      end: (error) => {
        this.#isOver = true;
        this.#sink.end(error);
      },
    };
  }

  #onResponse({ type, pid, status, io, channels }: Response): void {
    switch (type) {
      case "started":
      case "attached":
        this.#pid = pid;
        this.#sink.started?.(pid ?? -1);
        return;
      case "output": {
        const { stream, data } = decodeIo(io);
        if (data?.length) this.#sink.output?.(stream, data);
        return;
      }
      case "add-credit":
        for (const [stream, bytes] of Object.entries(channels ?? {})) {
          this.#sink.credit?.(stream, bytes);
        }
        return;
      case "finished":
        this.#status = status ?? 0;
        this.#sink.finished?.(this.#status);
        return;
    }
  }
}

function streamFlags(writeCredit = false): number {
  return ExecFlag.Stdout | ExecFlag.Stderr | (writeCredit ? ExecFlag.WriteCredit : 0);
}
