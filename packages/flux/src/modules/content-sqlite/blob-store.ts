import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { AddressedBlob, BlobBatch } from "@flux-ts/protocol/services/blob-batch";
import { prepareSchema } from "./schema.ts";
import type { SqlDatabase, SqlStatement } from "./sql-database.ts";

/** Blobs from this size on are stored compressed, even if that makes them larger. */
const compressFromBytes = 256;
/** Pages of SQLite's files. */
const pageBytes = 4096;
/** Value of `size` for an object that is stored as it is. */
const verbatim = -1;

/** LZ4 blocks without frame or length. */
export interface BlockCodec {
  compress(bytes: Uint8Array): Uint8Array;
  /** Throws if the block does not hold `size` bytes. */
  decompress(block: Uint8Array, size: number): Uint8Array;
}

export interface BlobStoreParts {
  db: SqlDatabase;
  codec: BlockCodec;
  /** Hex digits of a digest, and what they say. */
  hash(bytes: Uint8Array): string;
  fromHex(key: string): Uint8Array;
  maxCheckpoints: number;
  /** Transactions can be undone: not so with journal mode OFF. */
  canRollBack: boolean;
}

/**
 * Blobs and checkpoints in the tables of content.sqlite (wire-jobs §1.4). Digests are keys of storage
 * class TEXT although they are bytes, as flux-core binds them: hence CAST(? AS TEXT) everywhere.
 * Throws what the SQLite library throws, and FluxError.
 */
export class BlobStore {
  readonly #parts: BlobStoreParts;
  readonly #load: SqlStatement;
  readonly #store: SqlStatement;
  readonly #exists: SqlStatement;
  readonly #addCheckpoint: SqlStatement;
  readonly #pruneCheckpoints: SqlStatement;
  /** Id of the newest checkpoint: the epoch that blobs stored now belong to. */
  currentEpoch: number;
  /** Estimate of what was written since the write-ahead log was last brought home. */
  #logPages = 0;

  constructor(parts: BlobStoreParts) {
    this.#parts = parts;
    const { db } = parts;
    prepareSchema(db);
    this.#load = db.prepare("SELECT object, size FROM objects WHERE hash = CAST(?1 AS TEXT)");
    this.#store = db.prepare(
      "INSERT INTO objects (hash, size, object, epoch) VALUES (CAST(?1 AS TEXT), ?2, ?3, ?4)" +
        " ON CONFLICT(hash) DO UPDATE SET epoch = excluded.epoch",
    );
    this.#exists = db.prepare("SELECT 1 FROM objects WHERE hash = CAST(?1 AS TEXT)");
    this.#addCheckpoint = db.prepare("INSERT INTO checkpt_v2 (value) VALUES (?1)");
    this.#pruneCheckpoints = db.prepare(
      "DELETE FROM checkpt_v2 WHERE id IN" +
        " (SELECT id FROM checkpt_v2 ORDER BY id DESC LIMIT -1 OFFSET ?1)",
    );
    this.currentEpoch = Number(db.prepare("SELECT MAX(id) AS id FROM checkpt_v2").get()?.id ?? 0);
  }

  get objectCount(): number {
    return Number(this.#parts.db.prepare("SELECT count(1) AS count FROM objects").get()?.count);
  }

  /** How much a `bringHome` would have to do, in pages. */
  get logPages(): number {
    return this.#logPages;
  }

  /** Move what is in the write-ahead log to the database file: takes as long as the disk does. */
  bringHome(): void {
    this.#parts.db.exec("PRAGMA wal_checkpoint(PASSIVE)");
    this.#logPages = 0;
  }

  /** The blob with this digest. ENOENT; EINVAL: the row is not one of ours; EIO: it is damaged. */
  load(digest: Uint8Array): Uint8Array {
    const row = this.#load.get(digest);
    if (!row) throw new FluxError("ENOENT");
    const { object, size } = row;
    const stored = object ?? new Uint8Array(0);
    if (!(stored instanceof Uint8Array) || typeof size !== "number") {
      throw new FluxError("EINVAL", "object in content.sqlite has the wrong type");
    }
    const bytes = size === verbatim ? stored : this.#decompress(stored, size);
    const key = this.#parts.hash(bytes);
    if (compareBytes(this.#parts.fromHex(key), digest) !== 0) {
      throw new FluxError("EIO", `object in content.sqlite is damaged: it hashes to ${key}`);
    }
    return bytes;
  }

  /** ENOENT if there is no blob with this digest. */
  validate(digest: Uint8Array): void {
    if (!this.#exists.get(digest)) throw new FluxError("ENOENT");
  }

  /** Store blobs and record checkpoints, all of them or none. */
  storeBatch({ blobs, checkpoints }: BlobBatch): void {
    const before = this.currentEpoch;
    this.transact(
      () => {
        for (const blob of blobs) this.#storeOne(blob);
        for (const text of checkpoints) this.#recordCheckpoint(text);
      },
      () => {
        this.currentEpoch = before;
      },
    );
  }

  /** Checkpoint texts, newest first. */
  get checkpoints(): { id: number; text: string }[] {
    const rows = this.#parts.db.prepare("SELECT id, value FROM checkpt_v2 ORDER BY id DESC").all();
    return rows.map(({ id, value }) => ({ id: Number(id), text: String(value) }));
  }

  /** Run `body` in one transaction; if it throws, `undo` runs after the rollback. */
  transact(body: () => void, undo: () => void = () => {}): void {
    const { db, canRollBack } = this.#parts;
    db.exec("BEGIN");
    try {
      body();
      db.exec("COMMIT");
    } catch (error) {
      undo();
      // Without a journal SQLite cannot roll back, and trying damages the file.
      tryExec(db, canRollBack ? "ROLLBACK" : "COMMIT");
      throw error;
    }
  }

  #storeOne({ key, bytes }: AddressedBlob): void {
    const digest = this.#parts.fromHex(key);
    const isCompressed = bytes.length >= compressFromBytes;
    const stored = isCompressed ? this.#parts.codec.compress(bytes) : bytes;
    const size = isCompressed ? bytes.length : verbatim;
    this.#store.run(digest, size, stored, this.currentEpoch);
    // A page of the table, one of the index, and what does not fit.
    this.#logPages += 2 + stored.length / pageBytes;
  }

  #recordCheckpoint(text: string): void {
    const { lastInsertRowid } = this.#addCheckpoint.run(text);
    this.currentEpoch = Number(lastInsertRowid);
    this.#pruneCheckpoints.run(this.#parts.maxCheckpoints);
  }

  #decompress(block: Uint8Array, size: number): Uint8Array {
    try {
      return this.#parts.codec.decompress(block, size);
    } catch (cause) {
      throw new FluxError("EINVAL", "object in content.sqlite does not decompress", { cause });
    }
  }
}

/** The transaction may have ended by itself: that is no further error. */
function tryExec(db: SqlDatabase, sql: string): void {
  try {
    db.exec(sql);
  } catch {
    // The error that led here is the one to report.
  }
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  if (a.length !== b.length) return a.length - b.length;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
