import { hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { later, type Request } from "@flux-ts/client/request";
import { digestSizes, type HashName, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { attr } from "@flux-ts/protocol/services/attr";
import type { SharedBlobs } from "@flux-ts/protocol/services/blob-batch";
import {
  type Checkpoint,
  checkpoint,
  content,
  ephemeralFlag,
} from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { ContentCache, type Entry } from "./cache.ts";
import { type Chunk, MappedFiles, type Region } from "./mapped-files.ts";
import { type ContentOptions, parseContentOptions } from "./options.ts";
import { type Write, WriteBack } from "./write-back.ts";

/** A request that is answered with a digest, a blob or nothing. */
type Waiter = Request<Uint8Array> | Request<void>;

const mebibyte = 1024 * 1024;
/** How long dirty blobs may gather before they are written (rank 0). */
const gatherMs = 25;
/** The cache is purged with every heartbeat, and at least this often. */
const purgeMs = 10_000;

/** The content cache of one broker (RFC 10): write-back at rank 0, write-through below. */
class ContentService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #options: ContentOptions;
  readonly #hashName: HashName;
  readonly #cache: ContentCache<Waiter>;
  readonly #writeBack: WriteBack<Waiter>;
  readonly #files = new MappedFiles();
  /** Name of the first backing store; another one is refused. */
  #backingName: string | undefined;
  #hasBacking = false;
  /** The backing store takes batches: cleared when it turns out to be somebody else's. */
  #takesBatches = true;
  /** Store requests held back until less is dirty. */
  #stalled: (() => void)[] = [];
  #gatherTimer: NodeJS.Timeout | undefined;
  readonly #purgeTimer: NodeJS.Timeout;

  constructor(context: ModuleContext, options: ContentOptions, hashName: HashName) {
    this.#context = context;
    this.#options = options;
    this.#hashName = hashName;
    const { purgeTargetBytes, purgeOldSeconds, flushBatchLimit } = options;
    const hardLimitBytes = Math.max(2 * purgeTargetBytes, 8 * mebibyte);
    this.#cache = new ContentCache({ purgeTargetBytes, purgeOldSeconds, hardLimitBytes });
    this.#writeBack = new WriteBack(this.#cache, {
      batchCount: flushBatchLimit,
      batchBytes: 4 * mebibyte,
      dueBytes: mebibyte,
      stallBytes: 32 * mebibyte,
    });
    this.#purgeTimer = setInterval(() => this.#tick(), purgeMs);
    this.#serve();
  }

  async start(): Promise<void> {
    this.#backingName = await attributeOf(this.#context, "content.backing-module");
    await this.#context.flux.subscribe("heartbeat.pulse", () => this.#tick());
  }

  stop(): void {
    clearInterval(this.#purgeTimer);
    clearTimeout(this.#gatherTimer);
    const gone = new FluxError("ENOSYS");
    for (const waiter of this.#writeBack.abandon()) waiter.fail(gone);
  }

  stats(): JsonObject {
    const { count, validCount, dirtyCount, sizeBytes } = this.#cache;
    return {
      count,
      valid: validCount,
      dirty: dirtyCount,
      size: sizeBytes,
      "flush-batch-count": this.#writeBack.inFlight,
      mmap: this.#isLeader ? this.#files.stats : null,
    };
  }

  get #isLeader(): boolean {
    return this.#context.rank === 0;
  }

  #serve(): void {
    this.#context.flux.serveAll(content, {
      load: (digest, request) => this.#load(digest, request),
      store: (blob, request) => this.#store(blob, request),
      storeBlobs: (blobs, request) => this.#storeBlobs(blobs, request),
      flush: (_, request) => this.#flush(request),
      dropcache: () => {
        const before = this.#cache.count;
        this.#context.log(7, `content dropcache ${this.#cache.drop()}/${before}`);
      },
      registerBacking: ({ name }) => this.#registerBacking(name),
      unregisterBacking: () => this.#unregisterBacking(),
      checkpointGet: () => this.#checkpointGet(),
      checkpointPut: ({ value }, request) => this.#checkpointPut(value, request),
      mmapAdd: ({ path, chunksize, tag }) => this.#mmapAdd(path, chunksize, tag),
      mmapRemove: ({ tag }) => {
        if (!this.#isLeader) {
          throw new FluxError("EINVAL", "content can only be mmapped on rank 0");
        }
        this.#files.remove(tag);
      },
    });
  }

  // Loading.

  #load(digest: Uint8Array, request: Request<Uint8Array>): typeof later | Promise<typeof later> {
    if (digest.length !== digestSizes[this.#hashName]) throw new FluxError("EPROTO");
    const key = toHex(digest);
    const entry = this.#cache.lookup(key, now());
    if (entry?.bytes) return respondBlob(request, entry.bytes, entry.isEphemeral);
    const region = this.#files.lookup(key);
    if (region && !entry) return this.#loadRegion(key, region, request);
    if (this.#isLeader && !this.#hasBacking && !entry) throw new FluxError("ENOENT");
    if (this.#cache.want(key, request)) void this.#fetch(key, digest);
    return later;
  }

  async #fetch(key: string, digest: Uint8Array): Promise<void> {
    const { flux } = this.#context;
    try {
      const bytes = await (this.#isLeader
        ? flux.call(contentBacking.load, digest, { nodeid: 0 })
        : flux.call(content.load, digest, { nodeid: nodeidUpstream }));
      for (const waiter of this.#cache.fill(key, compact(bytes), now())) {
        respondBlob(waiter as Request<Uint8Array>, bytes);
      }
      this.#cache.purge(now());
    } catch (error) {
      const isGone = this.#isLeader && isErrno(error, "ENOSYS");
      const failure = isGone ? new FluxError("ENOENT") : error;
      for (const waiter of this.#cache.failLoad(key)) waiter.fail(failure);
    }
  }

  // Storing.

  #store(blob: Uint8Array, request: Request<Uint8Array>): typeof later {
    this.#checkSize(blob);
    const key = hash(this.#hashName, blob, "hex");
    const entry = this.#addDirty(key, compact(blob));
    if (this.#isLeader) return this.#whenRoom(() => request.respond(Buffer.from(key, "hex")));
    this.#cache.wait(entry, request);
    this.#writeThrough();
    return later;
  }

  #storeBlobs({ blobs, needsBacking }: SharedBlobs, request: Request<void>): typeof later {
    if (needsBacking && !this.#hasBacking) throw new FluxError("ENOSYS", "no backing store");
    for (const { bytes } of blobs) this.#checkSize(bytes);
    for (const { key, bytes } of blobs) this.#addDirty(key, bytes);
    return this.#whenRoom(() => request.respond());
  }

  #checkSize(blob: Uint8Array): void {
    if (blob.length > this.#options.blobSizeLimit) throw new FluxError("EFBIG");
  }

  #addDirty(key: string, bytes: Uint8Array): Entry<Waiter> {
    const { entry, loads } = this.#cache.store(key, bytes);
    for (const waiter of loads) respondBlob(waiter as Request<Uint8Array>, bytes);
    return entry;
  }

  /** Answer a store now, or once less is dirty if the backing store does not keep up. */
  #whenRoom(answer: () => void): typeof later {
    if (this.#hasBacking && this.#writeBack.isStalled) this.#stalled.push(answer);
    else answer();
    this.#pump();
    return later;
  }

  /** Followers: every dirty blob goes upstream at once. */
  #writeThrough(): void {
    for (const entry of this.#cache.takeDirty(Number.POSITIVE_INFINITY)) {
      const options = { nodeid: nodeidUpstream };
      this.#context.flux.call(content.store, entry.bytes!, options).then(
        (digest) => {
          for (const waiter of this.#cache.stored(entry, now())) {
            (waiter as Request<Uint8Array>).respond(digest);
          }
          this.#cache.purge(now());
          this.#endFlushes();
        },
        (error: unknown) => {
          for (const waiter of this.#cache.failStore(entry)) waiter.fail(error);
          for (const waiter of this.#writeBack.abandon()) waiter.fail(error);
        },
      );
    }
  }

  /** Followers: flushes end when nothing is dirty any more. */
  #endFlushes(): void {
    if (this.#cache.dirtyCount > 0) return;
    for (const waiter of this.#writeBack.abandon()) (waiter as Request<void>).respond();
  }

  #flush(request: Request<void>): typeof later | undefined {
    if (this.#isLeader && !this.#hasBacking) throw new FluxError("ENOSYS");
    if (this.#cache.dirtyCount === 0) return undefined;
    this.#writeBack.flush(request);
    if (this.#isLeader) this.#pump();
    else this.#writeThrough();
    return later;
  }

  /** Rank 0: write if it is time to, else see to it that it will be. */
  #pump(): void {
    if (!this.#hasBacking) return;
    if (this.#writeBack.isDue) this.#write();
    else if (this.#writeBack.hasWork) {
      this.#gatherTimer ??= setTimeout(() => {
        this.#gatherTimer = undefined;
        this.#write();
      }, gatherMs);
    }
  }

  #write(): void {
    const write = this.#hasBacking ? this.#writeBack.begin() : undefined;
    if (!write) return;
    this.#send(write).then(
      () => {
        for (const waiter of this.#writeBack.succeed(write, now())) {
          (waiter as Request<void>).respond();
        }
        this.#cache.purge(now());
        this.#endStall();
        this.#pump();
      },
      (error: unknown) => {
        if (!isErrno(error, "ENOSYS")) this.#context.log(2, `content store: ${messageOf(error)}`);
        for (const waiter of this.#writeBack.fail(write)) waiter.fail(error);
      },
    );
  }

  async #send({ entries, checkpoints }: Write<Waiter>): Promise<void> {
    const { flux } = this.#context;
    if (this.#takesBatches) {
      const blobs = entries.map(({ key, bytes }) => ({ key, bytes: bytes! }));
      try {
        await flux.call(contentBacking.storeBatch, { blobs, checkpoints }, { nodeid: 0 });
        return;
      } catch (error) {
        if (!isErrno(error, "ENOSYS") || !this.#hasBacking) throw error;
        this.#takesBatches = false;
      }
    }
    await Promise.all(
      entries.map(async ({ key, bytes }) => {
        const digest = await flux.call(contentBacking.store, bytes!, { nodeid: 0 });
        if (toHex(digest) !== key) throw new FluxError("EIO", "backing store hashes differently");
      }),
    );
    for (const text of checkpoints) {
      const value = checkpoint.check(parseJson(text), "checkpoint");
      await flux.call(contentBacking.checkpointPut, { value }, { nodeid: 0 });
    }
  }

  #endStall(): void {
    while (this.#stalled.length > 0 && !this.#writeBack.isStalled) this.#stalled.shift()!();
  }

  #tick(): void {
    this.#cache.purge(now());
    if (this.#isLeader) this.#write();
  }

  // The backing store.

  async #registerBacking(name: string): Promise<void> {
    if (!this.#isLeader) {
      throw new FluxError("EINVAL", "content backing store can only be registered on rank 0");
    }
    if (this.#hasBacking) throw new FluxError("EBUSY", "content backing store is already active");
    if (this.#backingName === undefined) {
      this.#backingName = name;
      const request = { name: "content.backing-module", value: name, force: true };
      await this.#context.flux.call(attr.set, request);
    }
    if (this.#backingName !== name) {
      throw new FluxError("EINVAL", "content backing store cannot be changed on the fly");
    }
    this.#hasBacking = true;
    this.#takesBatches = true;
    this.#context.log(7, `content backing store: enabled ${name}`);
    this.#pump();
  }

  #unregisterBacking(): void {
    if (!this.#hasBacking) throw new FluxError("EINVAL", "content backing store is not active");
    this.#hasBacking = false;
    this.#context.log(7, "content backing store: disabled");
    const { dirtyCount } = this.#cache;
    if (dirtyCount > 0) this.#context.log(3, `${dirtyCount} unflushables`);
    for (const waiter of this.#writeBack.abandon()) waiter.fail(new FluxError("ENOSYS"));
    for (const answer of this.#stalled.splice(0)) answer();
  }

  async #checkpointGet(): Promise<{ value: Checkpoint[] }> {
    const { flux } = this.#context;
    if (!this.#isLeader) {
      return flux.call(content.checkpointGet, undefined, { nodeid: nodeidUpstream });
    }
    this.#requireBacking("get");
    return flux.call(contentBacking.checkpointGet, undefined, { nodeid: 0 });
  }

  #checkpointPut(value: Checkpoint, request: Request<void>): typeof later | Promise<void> {
    if (!this.#isLeader) {
      // Followers write through: what this client stored has reached rank 0.
      const options = { nodeid: nodeidUpstream };
      return this.#context.flux.call(content.checkpointPut, { value }, options);
    }
    this.#requireBacking("put");
    this.#writeBack.checkpoint(checkpoint.print!(value), request);
    this.#pump();
    return later;
  }

  #requireBacking(verb: "get" | "put"): void {
    if (this.#hasBacking) return;
    throw new FluxError("ENOSYS", `checkpoint ${verb} unavailable, no backing store`);
  }

  // Mapped files.

  async #mmapAdd(path: string, chunkBytes: number, tag: string): Promise<void> {
    if (!this.#isLeader) {
      throw new FluxError("EINVAL", "content may only be mmapped on rank 0");
    }
    if (!isAbsolute(path)) throw new FluxError("EINVAL", "path must be fully qualified");
    if (chunkBytes < 0) throw new FluxError("EINVAL", "chunksize must not be negative");
    const file = await openFile(path);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new FluxError("EINVAL", `${path}: not suitable for mapping`);
      const step = chunkBytes || Math.max(stat.size, 1);
      const chunks: Chunk[] = [];
      for (let offset = 0; offset < stat.size; offset += step) {
        const region = { path, offset, length: Math.min(step, stat.size - offset) };
        const bytes = await readRegion(file, region);
        chunks.push({ key: hash(this.#hashName, bytes, "hex"), region });
      }
      this.#files.add(tag, path, chunks);
    } finally {
      await file.close();
    }
  }

  async #loadRegion(
    key: string,
    region: Region,
    request: Request<Uint8Array>,
  ): Promise<typeof later> {
    const file = await openFile(region.path);
    try {
      const bytes = await readRegion(file, region);
      if (hash(this.#hashName, bytes, "hex") !== key) {
        throw new FluxError("EINVAL", "mapped file content has changed");
      }
      return respondBlob(request, bytes, true);
    } finally {
      await file.close();
    }
  }
}

/** Monotonic seconds. */
const now = (): number => performance.now() / 1000;

const toHex = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("hex");

/** The bytes on their own, if they are a small part of a larger buffer which they would keep alive. */
const compact = (bytes: Uint8Array): Uint8Array =>
  bytes.buffer.byteLength > 2 * bytes.length + 1024 ? bytes.slice() : bytes;

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);

function respondBlob(
  request: Request<Uint8Array>,
  bytes: Uint8Array,
  isEphemeral = false,
): typeof later {
  request.respondPayload(Payload.raw(bytes), isEphemeral ? ephemeralFlag : 0);
  return later;
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const errno = code === "ENOENT" || code === "EACCES" || code === "EPERM" ? code : "EIO";
    throw new FluxError(errno, `${path}: ${messageOf(cause)}`, { cause });
  }
}

async function readRegion(file: FileHandle, { offset, length }: Region): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const { bytesRead } = await file.read(bytes, 0, length, offset);
  return bytes.subarray(0, bytesRead);
}

/** A broker attribute, if it is set. */
async function attributeOf({ flux }: ModuleContext, name: string): Promise<string | undefined> {
  try {
    return await flux.attr(name);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** Hash of the instance: attribute `content.hash`, which the first content module sets (RFC 10). */
async function chooseHash(context: ModuleContext): Promise<HashName> {
  let name = await attributeOf(context, "content.hash");
  if (name === undefined) {
    name = "sha1";
    const request = { name: "content.hash", value: name, force: true };
    await context.flux.call(attr.set, request);
  }
  if (!isHashName(name)) throw new FluxError("EINVAL", `${name}: unknown hash type`);
  return name;
}

export default defineModule({
  name: "content",
  host: "inline",
  async start(context) {
    const options = parseContentOptions(context.args);
    const service = new ContentService(context, options, await chooseHash(context));
    await service.start();
    return service;
  },
});
