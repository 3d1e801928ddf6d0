import type { Flux } from "@flux-ts/client/handle";
import { decodeIo, encodeIo } from "@flux-ts/protocol/job/output";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { ExecFlag, type rexec } from "@flux-ts/protocol/services/rexec";

/** What a process is: a new command, or a background process that runs already. */
export type RemoteTarget =
  | { readonly cmd: JsonObject }
  | { readonly pid: number; readonly label: string | undefined };

export interface ProcessListener {
  started(process: RemoteProcess): void;
  output(process: RemoteProcess, stream: string, data: Uint8Array): void;
  credit(process: RemoteProcess): void;
  /** It has exited; output may still come. */
  ended(process: RemoteProcess): void;
  /** Nothing more comes; with the wait status unless `failed` was called before. */
  completed(process: RemoteProcess, status: number): void;
  /** It could not be started, or was lost. */
  failed(process: RemoteProcess, error: FluxError): void;
}

const sigkill = 9;

/** The client's end of a process that a subprocess server runs (RFC 42). */
export class RemoteProcess {
  readonly rank: number;
  readonly #flux: Flux;
  readonly #methods: typeof rexec;
  readonly #listener: ProcessListener;
  #matchtag = 0;
  #pid: number | undefined;
  #status: number | undefined;
  state: "init" | "running" | "exited" | "failed" = "init";
  /** Bytes of standard input that the server has room for. */
  credits = 0;

  constructor(flux: Flux, methods: typeof rexec, rank: number, listener: ProcessListener) {
    this.#flux = flux;
    this.#methods = methods;
    this.rank = rank;
    this.#listener = listener;
  }

  start(target: RemoteTarget, { flowControl }: { flowControl: boolean }): void {
    const outputs = ExecFlag.Stdout | ExecFlag.Stderr;
    const sink = {
      next: (response: ResponseOf<typeof rexec.exec>) => this.#onResponse(response),
      end: (error?: FluxError) => this.#onEnd(error),
    };
    const options = { nodeid: this.rank };
    if ("cmd" in target) {
      const flags = outputs | (flowControl ? ExecFlag.WriteCredit : 0);
      const request = { cmd: target.cmd, flags, local_flags: 0 };
      this.#matchtag = this.#flux.follow(this.#methods.exec, sink, request, options).matchtag;
    } else {
      const { pid, label } = target;
      const request = { pid, flags: outputs, ...(label !== undefined && { label }) };
      this.#matchtag = this.#flux.follow(this.#methods.attach, sink, request, options).matchtag;
    }
  }

  get isActive(): boolean {
    return this.state === "init" || this.state === "running";
  }

  /** Standard input; `undefined` is its end. */
  write(data: Uint8Array | undefined): void {
    const io = encodeIo({ stream: "stdin", rank: "0", ...(data ? { data } : { eof: true }) });
    const request = { matchtag: this.#matchtag, io: { stream: "stdin", rank: "0", ...io } };
    this.#flux.send(this.#methods.write, request, { nodeid: this.rank });
    this.credits -= data?.length ?? 0;
  }

  async kill(signum: number): Promise<void> {
    const request = { pid: this.#pid ?? -1, signum };
    await this.#flux.call(this.#methods.kill, request, { nodeid: this.rank });
  }

  #onResponse(response: ResponseOf<typeof rexec.exec>): void {
    switch (response.type) {
      case "started":
      case "attached":
        this.#pid = response.pid;
        this.state = "running";
        this.#listener.started(this);
        break;
      case "add-credit":
        this.credits += response.channels?.stdin ?? 0;
        this.#listener.credit(this);
        break;
      case "output": {
        const { stream, data } = decodeIo(response.io);
        if (data?.length) this.#listener.output(this, stream, data);
        break;
      }
      case "finished":
        this.#status = response.status ?? 0;
        this.state = "exited";
        this.#listener.ended(this);
        break;
    }
  }

  #onEnd(error?: FluxError): void {
    if (!error && this.#status !== undefined) {
      this.#listener.completed(this, this.#status);
      return;
    }
    this.state = "failed";
    this.#listener.failed(this, error ?? new FluxError("EPROTO"));
    if (this.#pid !== undefined) void this.kill(sigkill).catch(() => {});
  }
}
