import { hash } from "node:crypto";
import { accessSync, constants, existsSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { later, type Request } from "@flux-ts/client/request";
import { digestSizes, isBlobref, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { BlobBatch } from "@flux-ts/protocol/services/blob-batch";
import { type Checkpoint, checkpoint, content } from "@flux-ts/protocol/services/content";
import { contentBacking, contentGarbage } from "@flux-ts/protocol/services/content-backing";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { RunningStats } from "../../plugins/running-stats.ts";
import { BlobStore } from "./blob-store.ts";
import { compress, decompress } from "./compression.ts";
import { Garbage } from "./garbage.ts";
import { parseSqliteOptions, type SqliteOptions } from "./options.ts";
import { closeDatabase, openDatabase, type SqlDatabase, withSqlErrors } from "./sql-database.ts";

/**
 * The write-ahead log is brought home when nothing was asked for a moment and it has so many pages...
 */
const idlePages = 1000;
const idleMs = 250;
/** ...or at once when it has so many (64 MiB). SQLite by itself would do it within some commit. */
const maxPages = 16_384;

/** A single store request that waits for the transaction of this turn. */
interface PendingStore {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly request: Request<Uint8Array>;
}

/** The backing store of rank 0 in `<statedir>/content.sqlite`, a file that flux-core reads and writes too. */
class SqliteService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #options: SqliteOptions;
  readonly #hashName: keyof typeof digestSizes;
  readonly #path: string;
  readonly #db: SqlDatabase;
  readonly #store: BlobStore;
  readonly #garbage: Garbage;
  readonly #loadTimes = new RunningStats();
  readonly #storeTimes = new RunningStats();
  #pending: PendingStore[] = [];
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(
    context: ModuleContext,
    options: SqliteOptions,
    hashName: keyof typeof digestSizes,
    database: { path: string; db: SqlDatabase },
  ) {
    this.#context = context;
    this.#options = options;
    this.#hashName = hashName;
    this.#path = database.path;
    this.#db = database.db;
    this.#store = withSqlErrors(() => this.#open());
    this.#garbage = new Garbage(this.#db, this.#store);
    this.#serve();
  }

  async register(): Promise<void> {
    await this.#context.flux.addService("content-backing");
    await this.#context.flux.call(content.registerBacking, { name: "content-sqlite" });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#idleTimer);
    this.#storePending();
    await this.#context.flux.call(content.unregisterBacking).catch(() => {});
    withSqlErrors(() => closeDatabase(this.#db));
  }

  stats(): JsonObject {
    const { journalMode, synchronous } = this.#options;
    const { bsize, bavail } = statfsSync(dirname(this.#path));
    return withSqlErrors(() => ({
      object_count: this.#store.objectCount,
      current_epoch: this.#store.currentEpoch,
      dbfile_size: statSync(this.#path).size,
      dbfile_free: bsize * bavail,
      load_time: this.#loadTimes.toJson(),
      store_time: this.#storeTimes.toJson(),
      config: { journal_mode: journalMode, synchronous },
      checkpoints: this.#store.checkpoints.map(({ id, text }) => ({ id, value: parseJson(text) })),
    }));
  }

  statsClear(): void {
    this.#loadTimes.clear();
    this.#storeTimes.clear();
  }

  #open(): BlobStore {
    const { journalMode, synchronous, maxCheckpoints } = this.#options;
    this.#db.exec(`PRAGMA journal_mode=${journalMode}`);
    this.#db.exec(`PRAGMA synchronous=${synchronous}`);
    this.#db.exec("PRAGMA locking_mode=EXCLUSIVE");
    this.#db.exec("PRAGMA wal_autocheckpoint=0");
    const check = this.#db.prepare("PRAGMA quick_check").get();
    const verdict = check && Object.values(check)[0];
    if (verdict !== "ok") this.#context.log(3, `${this.#path}: quick_check: ${verdict}`);
    const store = new BlobStore({
      db: this.#db,
      codec: { compress, decompress },
      hash: (bytes) => hash(this.#hashName, bytes, "hex"),
      fromHex: (key) => Buffer.from(key, "hex"),
      maxCheckpoints,
      canRollBack: journalMode !== "OFF",
    });
    const modes = `journal_mode=${journalMode} synchronous=${synchronous}`;
    this.#context.log(7, `${this.#path} (${store.objectCount} objects) ${modes}`);
    return store;
  }

  #serve(): void {
    const { flux } = this.#context;
    flux.serveAll(contentBacking, {
      load: (digest) => this.#load(digest),
      store: (bytes, request) => this.#queueStore(bytes, request),
      validate: (digest) => this.#now(() => this.#store.validate(this.#checked(digest))),
      checkpointGet: () => ({ value: this.#checkpoints() }),
      checkpointPut: ({ value }) => this.#batch({ blobs: [], checkpoints: [print(value)] }),
      storeBatch: (batch) => this.#batch(batch),
    });
    flux.serveAll(contentGarbage, {
      mark: ({ epoch, hashes }) => {
        const digests = hashes.map((text) => this.#digestOf(text));
        return this.#now(() => ({ marked: this.#garbage.mark(epoch, digests) }));
      },
      sweep: (request) => this.#now(() => this.#garbage.sweep(request)),
      gcInfo: ({ epoch, get_count = false }) =>
        this.#now(() => this.#garbage.info(epoch, get_count)),
    });
  }

  /** Do something that must see every store that was asked for before. */
  #now<T>(body: () => T): T {
    this.#storePending();
    return withSqlErrors(body);
  }

  #load(digest: Uint8Array): Uint8Array {
    const begin = performance.now();
    const bytes = this.#now(() => this.#store.load(this.#checked(digest)));
    this.#loadTimes.push(performance.now() - begin);
    return bytes;
  }

  #checked(digest: Uint8Array): Uint8Array {
    if (digest.length !== digestSizes[this.#hashName]) throw new FluxError("EPROTO");
    return digest;
  }

  #digestOf(blobref: string): Uint8Array {
    if (!isBlobref(blobref) || !blobref.startsWith(`${this.#hashName}-`)) {
      throw new FluxError("EPROTO", `${blobref} is not a ${this.#hashName} blobref`);
    }
    return Buffer.from(blobref.slice(this.#hashName.length + 1), "hex");
  }

  #checkpoints(): Checkpoint[] {
    const texts = this.#now(() => this.#store.checkpoints);
    if (texts.length === 0) throw new FluxError("ENOENT");
    return texts.map(({ text }) => {
      try {
        return checkpoint.check(parseJson(text), "checkpoint");
      } catch (cause) {
        throw new FluxError("EINVAL", "a checkpoint in content.sqlite is not valid", { cause });
      }
    });
  }

  #batch(batch: BlobBatch): void {
    const begin = performance.now();
    this.#now(() => this.#store.storeBatch(batch));
    const each = (performance.now() - begin) / Math.max(1, batch.blobs.length);
    for (let i = 0; i < batch.blobs.length; i++) this.#storeTimes.push(each);
    this.#tendLog();
  }

  /** Stores that come in one turn of the event loop share a transaction. */
  #queueStore(bytes: Uint8Array, request: Request<Uint8Array>): typeof later {
    if (this.#pending.length === 0) setImmediate(() => this.#storePending());
    this.#pending.push({ key: hash(this.#hashName, bytes, "hex"), bytes, request });
    return later;
  }

  #storePending(): void {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    try {
      this.#batch({ blobs: pending, checkpoints: [] });
      for (const { key, request } of pending) request.respond(Buffer.from(key, "hex"));
    } catch (error) {
      for (const { request } of pending) request.fail(error);
    }
  }

  /** See to it that the write-ahead log does not grow for ever, if possible when nobody waits. */
  #tendLog(): void {
    if (this.#options.journalMode !== "WAL" || this.#store.logPages < idlePages) return;
    clearTimeout(this.#idleTimer);
    if (this.#store.logPages < maxPages) {
      this.#idleTimer = setTimeout(() => this.#bringHome(), idleMs);
    } else {
      // The responses of this turn go out first.
      setImmediate(() => {
        if (this.#store.logPages >= maxPages) this.#bringHome();
      });
    }
  }

  #bringHome(): void {
    try {
      withSqlErrors(() => this.#store.bringHome());
    } catch (error) {
      this.#context.log(3, `${this.#path}: ${error instanceof Error ? error.message : error}`);
    }
  }
}

const print = (value: Checkpoint): string => checkpoint.print!(value);

async function start(context: ModuleContext): Promise<SqliteService> {
  const { flux } = context;
  const isTemporary = context.attr("statedir-cleanup") === "1";
  const options = parseSqliteOptions(context.config, context.args, isTemporary);
  const hashName = await flux.attr("content.hash");
  if (!isHashName(hashName)) throw new FluxError("EINVAL", `${hashName}: unknown hash type`);
  const statedir = await statedirOf(context);
  const path = join(statedir, "content.sqlite");
  if (options.truncate) {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
  } else if (existsSync(path)) {
    checkAccess(path);
  }
  const db = withSqlErrors(() => openDatabase(path));
  const service = new SqliteService(context, options, hashName, { path, db });
  await service.register();
  return service;
}

function checkAccess(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch (cause) {
    throw new FluxError("EACCES", `${path} cannot be read and written`, { cause });
  }
}

async function statedirOf({ flux }: ModuleContext): Promise<string> {
  try {
    return await flux.attr("statedir");
  } catch (error) {
    throw isErrno(error, "ENOENT") ? new FluxError("ENOENT", "statedir is not set") : error;
  }
}

export default defineModule({ name: "content-sqlite", host: "thread", start });
