import { Socket } from "node:net";
import { type PmiCall, pmiCalls } from "@flux-ts/protocol/pmi/client";
import { PmiLineSplitter } from "@flux-ts/protocol/pmi/line-splitter";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { ProcessGroup } from "./process-group.ts";

/** A launcher that speaks the PMI-1 wire protocol on the descriptor in PMI_FD (RFC 13). */
export async function pmiGroup(
  env: Readonly<Record<string, string | undefined>>,
): Promise<ProcessGroup> {
  const connection = new PmiConnection(new Socket({ fd: Number(env.PMI_FD) }));
  await connection.call(pmiCalls.init());
  await connection.call(pmiCalls.maxes());
  const name = await connection.call(pmiCalls.kvsname());
  return {
    method: "simple",
    rank: Number(env.PMI_RANK),
    size: Number(env.PMI_SIZE),
    name,
    async get(key) {
      try {
        return await connection.call(pmiCalls.get(name, key));
      } catch (error) {
        if (isErrno(error, "ENOENT")) return undefined;
        throw error;
      }
    },
    put: (key, value) => connection.call(pmiCalls.put(name, key, value)),
    barrier: () => connection.call(pmiCalls.barrier()),
    async finalize() {
      await connection.call(pmiCalls.finalize());
      connection.close();
    },
  };
}

interface Waiting {
  onLine(line: string): void;
  onError(error: Error): void;
}

/** Requests and responses in lock-step; calls made meanwhile wait for their turn. */
class PmiConnection {
  readonly #socket: Socket;
  readonly #splitter = new PmiLineSplitter();
  #waiting: Waiting | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("data", (text: string) => this.#onData(text));
    socket.on("error", (cause) => {
      this.#fail(new FluxError("EIO", `PMI: ${cause.message}`, { cause }));
    });
    socket.on("close", () => this.#fail(new FluxError("EIO", "PMI: connection closed by server")));
  }

  call<T>({ line, result }: PmiCall<T>): Promise<T> {
    const turn = this.#last.then(async () => result(await this.#exchange(line)));
    this.#last = turn.catch(() => {});
    return turn;
  }

  close(): void {
    this.#socket.destroy();
  }

  #exchange(line: string): Promise<string> {
    return new Promise((onLine, onError) => {
      if (this.#failure) {
        onError(this.#failure);
        return;
      }
      this.#waiting = { onLine, onError };
      this.#socket.write(line);
    });
  }

  #onData(text: string): void {
    try {
      for (const line of this.#splitter.feed(text)) {
        const waiting = this.#waiting;
        this.#waiting = undefined;
        waiting?.onLine(line);
      }
    } catch (error) {
      this.#fail(error as Error);
    }
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#waiting?.onError(this.#failure);
    this.#waiting = undefined;
  }
}
