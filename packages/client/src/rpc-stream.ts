import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";

/** Responses a consumer may lag behind before its stream fails rather than fill the memory. */
const maxQueued = 1_000_000;

/**
 * The responses of a streaming RPC, as an async iterator. It ends when the service ends the stream
 * (ENODATA) and throws FluxError if the service fails it. Leaving the loop cancels the RPC.
 */
export class RpcStream<Response> implements AsyncIterableIterator<Response> {
  readonly #queue: Response[] = [];
  #waiting: PromiseWithResolvers<IteratorResult<Response>> | undefined;
  #ended = false;
  #error: unknown;
  readonly #cancel: () => void;

  constructor(cancel: () => void) {
    this.#cancel = cancel;
  }

  /** Input from the handle: a response came. */
  push(response: Response): void {
    if (this.#ended) return;
    if (this.#waiting) {
      this.#waiting.resolve({ done: false, value: response });
      this.#waiting = undefined;
    } else if (this.#queue.length >= maxQueued) {
      this.finish(
        new FluxError("EOVERFLOW", "stream consumer is too slow: too many responses wait"),
      );
      this.#cancel();
    } else {
      this.#queue.push(response);
    }
  }

  /** Input from the handle: the stream is over. */
  finish(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    if (error !== undefined && !isErrno(error, "ENODATA")) this.#error = error;
    if (!this.#waiting) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (this.#error === undefined) waiting.resolve({ done: true, value: undefined });
    else waiting.reject(this.#takeError());
  }

  next(): Promise<IteratorResult<Response>> {
    const value = this.#queue.shift();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#error !== undefined) return Promise.reject(this.#takeError());
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    this.#waiting = withResolvers();
    return this.#waiting.promise;
  }

  /** Cancel: called when a `for await` loop is left early. */
  return(): Promise<IteratorResult<Response>> {
    if (!this.#ended) {
      this.#queue.length = 0;
      this.finish();
      this.#cancel();
    }
    return Promise.resolve({ done: true, value: undefined });
  }

  /** The next response, which must come: for protocols whose first responses are fixed. */
  async first(): Promise<Response> {
    const result = await this.next();
    if (result.done) throw new FluxError("ENODATA");
    return result.value;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #takeError(): unknown {
    const error = this.#error;
    this.#error = undefined;
    return error;
  }
}

interface PromiseWithResolvers<T> {
  promise: Promise<T>;
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/** Promise.withResolvers, which Node 20 lacks. */
export function withResolvers<T>(): PromiseWithResolvers<T> {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
