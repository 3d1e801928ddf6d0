import { hash } from "node:crypto";
import { accessSync, constants, existsSync, rmSync, statfsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
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
import { BlobStore, type BlockCodec } from "./blob-store.ts";
import { Garbage } from "./garbage.ts";
import { parseSqliteOptions, type SqliteOptions } from "./options.ts";
import { closeDatabase, type SqlDatabase, withSqlErrors } from "./sql-database.ts";

const require = createRequire(import.meta.url);

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
    const check = this.#db.prepare("PRAGMA quick_check").get();
    const verdict = check && Object.values(check)[0];
    if (verdict !== "ok") this.#context.log(3, `${this.#path}: quick_check: ${verdict}`);
    const store = new BlobStore({
      db: this.#db,
      codec: lz4Codec(),
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
}

const print = (value: Checkpoint): string => checkpoint.print!(value);

/** The library puts the length before the block (32 bits, little-endian); the file has it in a column. */
function lz4Codec(): BlockCodec {
  const lz4: typeof import("lz4-wasm-nodejs") = require("lz4-wasm-nodejs");
  const prefixBytes = 4;
  return {
    compress: (bytes) => lz4.compress(bytes).subarray(prefixBytes),
    decompress(block, size) {
      const prefixed = new Uint8Array(prefixBytes + block.length);
      new DataView(prefixed.buffer).setUint32(0, size, true);
      prefixed.set(block, prefixBytes);
      const bytes = lz4.decompress(prefixed);
      if (bytes.length !== size)
        throw new RangeError(`block holds ${bytes.length} of ${size} bytes`);
      return bytes;
    },
  };
}

/** Node's own SQLite from 22.13 on, else the package that has its interface. */
async function openDatabase(path: string): Promise<SqlDatabase> {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const hasOwn = major > 22 || (major === 22 && minor >= 13);
  const library: { DatabaseSync: new (path: string) => SqlDatabase } = hasOwn
    ? await importQuietly("node:sqlite")
    : require("@photostructure/sqlite");
  return withSqlErrors(() => new library.DatabaseSync(path));
}

/** Some versions of Node warn on stderr that this module is experimental. */
async function importQuietly(name: string) {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return await import(name);
  } finally {
    process.emitWarning = emitWarning;
  }
}

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
  const db = await openDatabase(path);
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
