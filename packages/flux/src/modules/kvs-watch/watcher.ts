import { dirref, encodeTreeObject, type TreeObject, val } from "@flux-ts/protocol/kvs/treeobj";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { KvsFlag, type LookupRequest } from "@flux-ts/protocol/services/kvs";

/** A version of the namespace that is watched. */
export interface Root {
  readonly ref: string;
  readonly seq: number;
}

/** What a kvs.lookup-plus has found. */
export interface Found {
  /** Undefined: there was no such key. */
  readonly value: TreeObject | undefined;
  readonly seq: number;
}

/** What the driver has to do for a watcher. A watcher that has ended has no more effects. */
export type WatchEffect =
  /** Look up and report with `lookedUp(id, ...)`. */
  | { readonly do: "lookup"; readonly id: number; readonly request: LookupRequest }
  /** Load a blob and report with `loaded(id, ...)`. */
  | { readonly do: "load"; readonly id: number; readonly ref: string }
  | { readonly do: "respond"; readonly value: TreeObject }
  /** Respond without payload: what was there at first has been sent. */
  | { readonly do: "sentinel" }
  | { readonly do: "end"; readonly error: FluxError };

/** A request whose result may come before that of an earlier one; they are taken in order. */
interface Pending<Result> {
  readonly id: number;
  readonly isInitial: boolean;
  result?: Result | FluxError;
}

export interface WatcherOptions {
  namespace: string;
  /** Normalized. */
  key: string;
  flags: number;
}

/**
 * One watched key (wire-jobs §2.6). The value is read once by namespace, then at each version that may
 * have changed it. With WatchAppend or Stream the value is followed blob by blob.
 */
export class Watcher {
  readonly #options: WatcherOptions;
  readonly #flags: number;
  readonly #lookups: Pending<Found>[] = [];
  readonly #loads: Pending<Uint8Array>[] = [];
  #nextId = 0;
  /** Sequence of the newest version that was looked at. */
  #seq = -1;
  /** Sequence at which the first lookup found the namespace: earlier news is none. */
  #initialSeq = -1;
  #hasResponded = false;
  #sentinelDue: boolean;
  #previous: TreeObject | undefined;
  /** How many blobs of the value are known; undefined before the first are. */
  #blobCount: number | undefined;
  #isEnded = false;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#flags = options.flags;
    this.#sentinelDue = this.#has(KvsFlag.WatchInitialSentinel);
  }

  get key(): string {
    return this.#options.key;
  }

  /** It wants to look at every version. */
  get isFull(): boolean {
    return this.#has(KvsFlag.WatchFull);
  }

  /** Its first lookup has not been sent. */
  get isNew(): boolean {
    return this.#seq < 0;
  }

  get isEnded(): boolean {
    return this.#isEnded;
  }

  /** It waits for the key, or the namespace, to come into being. */
  get isWaiting(): boolean {
    return this.#has(KvsFlag.Waitcreate) && !this.#hasResponded;
  }

  /** There is a version that may have changed the value. */
  rootChanged(root: Root): WatchEffect[] {
    if (this.#isEnded || root.seq <= this.#seq) return [];
    const isInitial = this.isNew;
    this.#seq = root.seq;
    const id = this.#nextId++;
    this.#lookups.push({ id, isInitial });
    const { key, namespace } = this.#options;
    const flags = this.#isByBlob ? this.#flags | KvsFlag.Treeobj : this.#flags;
    // The first lookup goes by namespace, so that a client finds what it has committed itself.
    const request = isInitial
      ? { key, flags, namespace }
      : { key, flags, rootdir: dirref(root.ref), rootseq: root.seq };
    return [{ do: "lookup", id, request }];
  }

  lookedUp(id: number, result: Found | FluxError): WatchEffect[] {
    return this.#settle(this.#lookups, id, result, (found, isInitial) =>
      isInitial ? this.#first(found) : this.#next(found),
    );
  }

  loaded(id: number, result: Uint8Array | FluxError): WatchEffect[] {
    return this.#settle(this.#loads, id, result, (bytes) => {
      const effects = this.#respond(val(bytes));
      if (this.#loads.length === 0) effects.push(...this.#sentinel(), ...this.#streamEnd());
      return effects;
    });
  }

  /** Stop: ENODATA if the client wants that, ENOTSUP if the namespace is gone. */
  end(error: FluxError): WatchEffect[] {
    if (this.#isEnded) return [];
    this.#isEnded = true;
    return [{ do: "end", error }];
  }

  #has(flag: number): boolean {
    return (this.#flags & flag) !== 0;
  }

  get #isByBlob(): boolean {
    return this.#has(KvsFlag.WatchAppend | KvsFlag.Stream);
  }

  #settle<Result>(
    queue: Pending<Result>[],
    id: number,
    result: Result | FluxError,
    take: (result: Result, isInitial: boolean) => WatchEffect[],
  ): WatchEffect[] {
    const pending = queue.find((each) => each.id === id);
    if (pending) pending.result = result;
    const effects: WatchEffect[] = [];
    while (!this.#isEnded && queue[0]?.result !== undefined) {
      const { result: ready, isInitial } = queue.shift()!;
      if (ready instanceof FluxError) effects.push(...this.end(ready));
      else effects.push(...take(ready!, isInitial));
    }
    return effects;
  }

  #first({ value, seq }: Found): WatchEffect[] {
    this.#initialSeq = seq;
    if (!value) {
      return this.isWaiting ? this.#sentinel() : this.end(new FluxError("ENOENT"));
    }
    if (this.#isByBlob) return this.#takeBlobs(value);
    this.#previous = value;
    return this.#respond(value);
  }

  #next({ value, seq }: Found): WatchEffect[] {
    if (seq <= this.#initialSeq) return [];
    if (!value) return this.isWaiting ? [] : this.end(new FluxError("ENOENT"));
    if (this.#isByBlob) return this.#takeBlobs(value);
    if (this.#has(KvsFlag.WatchFull | KvsFlag.WatchUniq)) {
      if (this.#previous && isSame(this.#previous, value)) return [];
      this.#previous = value;
    }
    return this.#respond(value);
  }

  /** Follow a value that grows. */
  #takeBlobs(value: TreeObject): WatchEffect[] {
    const known = this.#blobCount;
    // A stream shows what was there; what becomes of it is no matter.
    if (known !== undefined && this.#has(KvsFlag.Stream)) return [];
    if (value.type === "val" && known === undefined) {
      this.#blobCount = 1;
      return [...this.#respond(value), ...this.#sentinel(), ...this.#streamEnd()];
    }
    if (value.type !== "valref") return this.end(this.#unfit(value, known !== undefined));
    const { data } = value;
    if (data.length < (known ?? 0)) {
      return this.end(new FluxError("EINVAL", "key watched with WATCH_APPEND truncated"));
    }
    this.#blobCount = data.length;
    return data.slice(known ?? 0).map((ref) => {
      const id = this.#nextId++;
      this.#loads.push({ id, isInitial: false });
      return { do: "load", id, ref };
    });
  }

  #unfit({ type }: TreeObject, wasFit: boolean): FluxError {
    if (wasFit) {
      return new FluxError("EINVAL", "value of key watched with WATCH_APPEND overwritten");
    }
    const isDirectory = type === "dir" || type === "dirref";
    const how = this.#has(KvsFlag.WatchAppend) ? "watched with WATCH_APPEND" : "streamed";
    return new FluxError(isDirectory ? "EISDIR" : "EINVAL", `${type} cannot be ${how}`);
  }

  #respond(value: TreeObject): WatchEffect[] {
    this.#hasResponded = true;
    const effects: WatchEffect[] = [{ do: "respond", value }];
    // Whoever only waits for a key to be created gets one response.
    if (!this.#has(KvsFlag.Watch | KvsFlag.Stream)) this.#isEnded = true;
    return effects;
  }

  #sentinel(): WatchEffect[] {
    if (!this.#sentinelDue) return [];
    this.#sentinelDue = false;
    return [{ do: "sentinel" }];
  }

  #streamEnd(): WatchEffect[] {
    return this.#has(KvsFlag.Stream) ? this.end(new FluxError(Errno.ENODATA)) : [];
  }
}

const isSame = (a: TreeObject, b: TreeObject): boolean =>
  a === b || encodeTreeObject(a) === encodeTreeObject(b);
