import { createHash } from "node:crypto";
import { type EventlogEntry, encodeEntry } from "@flux-ts/protocol/job/eventlog";
import {
  checkTreeObject,
  type DirEntries,
  type Dirref,
  dir,
  encodeTreeObject,
  type SymlinkData,
  type TreeObject,
} from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { CommitFlag, KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { kvsWatch } from "@flux-ts/protocol/services/kvs-watch";
import type { Flux } from "./handle.ts";
import { KvsTxn } from "./kvs-txn.ts";

/** A version of a namespace: its root directory and how many commits led to it. */
export interface KvsVersion {
  readonly rootseq: number;
  readonly rootref: string;
}

export interface KvsRoot extends KvsVersion {
  /** Userid of the owner; -1 if unknown. */
  readonly owner: number;
  readonly flags: number;
  readonly namespace: string;
}

export interface KvsLookupOptions {
  /** Look in this snapshot instead of the namespace's current version. */
  at?: TreeObject | undefined;
  /** Wait for the key, and the namespace, to exist. */
  waitcreate?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface KvsWatchOptions {
  /** Tell of a change of any kind that alters the value, such as below a directory. */
  full?: boolean | undefined;
  /** Do not repeat a value that was committed again. */
  uniq?: boolean | undefined;
  /** Give what is appended, one response a piece, beginning with what is there. */
  append?: boolean | undefined;
  waitcreate?: boolean | undefined;
  /** With `append`: an undefined item after what was there at first. */
  initialSentinel?: boolean | undefined;
  /** Give the pieces that are there, then end. */
  stream?: boolean | undefined;
  signal?: AbortSignal | undefined;
  /** Further lookup flags: Readdir, Readlink or Treeobj. */
  flags?: number | undefined;
}

export interface KvsCommitOptions {
  /** Answered when the commit survives the loss of all brokers (primary namespace only). */
  sync?: boolean | undefined;
  /** Have a version of its own. */
  noMerge?: boolean | undefined;
  /** Join appends to the same key. */
  compact?: boolean | undefined;
}

/** The key-value store of an instance, in one namespace of it. */
export class Kvs {
  readonly #flux: Flux;
  readonly namespace: string;

  /** `namespace`: default FLUX_KVS_NAMESPACE, else the primary one. */
  constructor(flux: Flux, namespace?: string) {
    this.#flux = flux;
    this.namespace = namespace ?? process.env.FLUX_KVS_NAMESPACE ?? primaryNamespace;
  }

  /** The value of a key. ENOENT, EISDIR, EPERM, ENOTSUP (no such namespace), ELOOP. */
  async get(key: string, options: KvsLookupOptions = {}): Promise<Uint8Array> {
    return valueBytes(await this.lookup(key, 0, options));
  }

  /** A value that is UTF-8 text. */
  async getText(key: string, options: KvsLookupOptions = {}): Promise<string> {
    return new TextDecoder().decode(await this.get(key, options));
  }

  /** Entries of a directory: one level, subdirectories as references. */
  async dir(key = ".", options: KvsLookupOptions = {}): Promise<DirEntries> {
    const object = await this.lookup(key, KvsFlag.Readdir, options);
    if (object.type !== "dir") throw new FluxError("EPROTO", `${key}: not a dir object`);
    return object.data;
  }

  /** Where a link leads. EINVAL if it is no link. */
  async readlink(key: string, options: KvsLookupOptions = {}): Promise<SymlinkData> {
    const object = await this.lookup(key, KvsFlag.Readlink, options);
    if (object.type !== "symlink") throw new FluxError("EPROTO", `${key}: not a symlink object`);
    return object.data;
  }

  /** The tree object that a key stands for (RFC 11); of the root `.`, a dirref. */
  treeObject(key: string, options: KvsLookupOptions = {}): Promise<TreeObject> {
    return this.lookup(key, KvsFlag.Treeobj, options);
  }

  /** Look up with flags of KvsFlag. */
  async lookup(key: string, flags: number, options: KvsLookupOptions = {}): Promise<TreeObject> {
    const { at, waitcreate, signal } = options;
    if (waitcreate) {
      if (at) throw new FluxError("EINVAL", "a snapshot cannot be waited for");
      const request = { key, namespace: this.namespace, flags: flags | KvsFlag.Waitcreate };
      const { val } = await this.#flux.call(kvsWatch.lookup, request, { signal });
      return checkTreeObject(val, key);
    }
    const request = at
      ? { key, flags, rootdir: at as unknown as Json }
      : { key, flags, namespace: this.namespace };
    const { val } = await this.#flux.call(kvs.lookup, request, { signal });
    return checkTreeObject(val, key);
  }

  /**
   * Follow a key: the present value, then each new one. Undefined is the sentinel that was asked for.
   * Leaving the loop ends it; so does the end of the namespace, with ENOTSUP.
   */
  async *watch(
    key: string,
    options: KvsWatchOptions = {},
  ): AsyncGenerator<TreeObject | undefined, void, undefined> {
    const request = { key, namespace: this.namespace, flags: watchFlags(options) };
    const { signal } = options;
    const stream = this.#flux.stream(kvsWatch.lookup, request, {
      cancel: kvsWatch.cancel,
      signal,
    });
    for await (const { val } of stream) {
      yield val === undefined ? undefined : checkTreeObject(val, key);
    }
  }

  /** Follow the values of a key as bytes. */
  async *watchValues(key: string, options: KvsWatchOptions = {}): AsyncGenerator<Uint8Array> {
    for await (const object of this.watch(key, options)) {
      if (object) yield valueBytes(object);
    }
  }

  /** Commit changes; answered when they can be seen on this broker. */
  commit(txn: KvsTxn, options: KvsCommitOptions = {}): Promise<KvsVersion> {
    const { sync, noMerge, compact } = options;
    const flags = (noMerge ? CommitFlag.NoMerge : 0) | (sync ? CommitFlag.Sync : 0);
    const operations = compact ? txn.compacted() : txn.operations;
    const ops = operations as unknown as Json[];
    return this.#flux.call(kvs.commit, { namespace: this.namespace, flags, ops });
  }

  /** Set one value. */
  put(
    key: string,
    value: string | Uint8Array,
    options: KvsCommitOptions = {},
  ): Promise<KvsVersion> {
    return this.commit(new KvsTxn().put(key, value), options);
  }

  mkdir(key: string): Promise<KvsVersion> {
    return this.commit(new KvsTxn().mkdir(key));
  }

  unlink(key: string): Promise<KvsVersion> {
    return this.commit(new KvsTxn().unlink(key));
  }

  /** Make a link at `key` to `target`. */
  link(key: string, target: string, targetNamespace?: string): Promise<KvsVersion> {
    return this.commit(new KvsTxn().symlink(key, target, targetNamespace));
  }

  /** Append an event to an eventlog (RFC 18). `timestamp` in seconds, default: now. */
  appendEvent(
    key: string,
    name: string,
    context?: JsonObject,
    timestamp = Date.now() / 1000,
  ): Promise<KvsVersion> {
    const entry: EventlogEntry = { timestamp, name, ...(context && { context }) };
    return this.commit(new KvsTxn().append(key, encodeEntry(entry)));
  }

  /** The namespace's current version and owner. */
  getroot(): Promise<KvsRoot> {
    return this.#flux.call(kvs.getroot, { namespace: this.namespace, flags: 0 });
  }

  /** Resolves when this broker has got to a version: for reading what somebody else has committed. */
  waitVersion(rootseq: number): Promise<KvsVersion> {
    return this.#flux.call(kvs.waitVersion, { rootseq, namespace: this.namespace });
  }

  /** Have everything that was committed so far survive the loss of all brokers. */
  sync(): Promise<KvsVersion> {
    return this.commit(new KvsTxn(), { sync: true });
  }
}

/** The namespaces of an instance. Only its owner may make and remove them. */
export class KvsNamespaces {
  readonly #flux: Flux;

  constructor(flux: Flux) {
    this.#flux = flux;
  }

  /** `owner`: default the instance owner; `rootref`: default an empty directory. EEXIST. */
  async create(name: string, options: { owner?: number; rootref?: string } = {}): Promise<void> {
    const { owner = -1 } = options;
    const rootref = options.rootref ?? (await this.#emptyRootref());
    const request = { namespace: name, rootref, owner, flags: 0 };
    await this.#flux.call(kvs.namespaceCreate, request, { nodeid: 0 });
  }

  /** Nothing happens if there is no such namespace. */
  async remove(name: string): Promise<void> {
    await this.#flux.call(kvs.namespaceRemove, { namespace: name }, { nodeid: 0 });
  }

  async list(): Promise<{ namespace: string; owner: number; flags: number }[]> {
    return (await this.#flux.call(kvs.namespaceList)).namespaces;
  }

  async #emptyRootref(): Promise<string> {
    const name = await this.#flux.attr("content.hash");
    return `${name}-${createHash(name).update(encodeTreeObject(dir())).digest("hex")}`;
  }
}

/** A reference to a snapshot, for `KvsLookupOptions.at`. */
export function snapshot({ rootref }: KvsVersion): Dirref {
  return { ver: 1, type: "dirref", data: [rootref] };
}

/** The bytes of a val. EPROTO for other tree objects. */
export function valueBytes(object: TreeObject): Uint8Array {
  if (object.type !== "val") throw new FluxError("EPROTO", `${object.type} is not a value`);
  return Buffer.from(object.data, "base64");
}

function watchFlags(options: KvsWatchOptions): number {
  const { full, uniq, append, waitcreate, initialSentinel, stream, flags = 0 } = options;
  return (
    flags |
    (stream ? KvsFlag.Stream : KvsFlag.Watch) |
    (full ? KvsFlag.WatchFull : 0) |
    (uniq ? KvsFlag.WatchUniq : 0) |
    (append ? KvsFlag.WatchAppend : 0) |
    (waitcreate ? KvsFlag.Waitcreate : 0) |
    (initialSentinel ? KvsFlag.WatchInitialSentinel : 0)
  );
}
