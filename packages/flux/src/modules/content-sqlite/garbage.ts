import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { BlobStore } from "./blob-store.ts";
import type { SqlDatabase } from "./sql-database.ts";

/** Everybody else waits while one of these runs, so each request is bounded. */
const maxMarks = 16384;
const maxDeletes = 8192;
const maxWindow = 524_288;

export interface SweepRequest {
  epoch: number;
  cursor: number;
  high_water: number;
  delete_cap: number;
  window: number;
}

/**
 * Mark and sweep for the online garbage collector (wire-jobs §1.5): the collector marks what it can
 * reach with an epoch, then has everything older deleted, in rows up to where the table ended when it
 * began.
 */
export class Garbage {
  readonly #db: SqlDatabase;
  readonly #store: BlobStore;

  constructor(db: SqlDatabase, store: BlobStore) {
    this.#db = db;
    this.#store = store;
  }

  /** Raise the epoch of these blobs. Returns how many were there; those that were newer stay so. */
  mark(epoch: number, digests: readonly Uint8Array[]): number {
    if (digests.length > maxMarks) {
      throw new FluxError(
        "EINVAL",
        `mark request of ${digests.length} hashes exceeds limit of ${maxMarks}`,
      );
    }
    const update = this.#db.prepare(
      "UPDATE objects SET epoch = MAX(epoch, ?1) WHERE hash = CAST(?2 AS TEXT)",
    );
    let marked = 0;
    this.#store.transact(() => {
      for (const digest of digests) marked += Number(update.run(epoch, digest).changes);
    });
    return marked;
  }

  /** Delete a bounded number of old blobs. The caller goes on from the cursor that is returned. */
  sweep(request: SweepRequest): { deleted: number; cursor: number } {
    const { epoch, cursor, high_water } = request;
    if (cursor < 0 || high_water < 0 || request.delete_cap <= 0 || request.window <= 0) {
      throw new FluxError("EINVAL", "sweep needs a cursor, a delete_cap and a window above 0");
    }
    const cap = Math.min(request.delete_cap, maxDeletes);
    const end = Math.min(cursor + Math.min(request.window, maxWindow), high_water);
    const select = this.#db.prepare(
      "SELECT rowid AS id FROM objects WHERE epoch < ?1 AND rowid > ?2 AND rowid <= ?3" +
        " ORDER BY rowid LIMIT ?4",
    );
    const ids = select.all(epoch, cursor, end, cap).map(({ id }) => Number(id));
    const remove = this.#db.prepare("DELETE FROM objects WHERE rowid = ?1");
    let deleted = 0;
    this.#store.transact(() => {
      for (const id of ids) deleted += Number(remove.run(id).changes);
    });
    return { deleted, cursor: ids.length === cap ? ids.at(-1)! : end };
  }

  /** `candidates` counts what a sweep would delete now: a scan of the whole table. */
  info(epoch: number, withCount: boolean) {
    const { id } = this.#db.prepare("SELECT MAX(rowid) AS id FROM objects").get() ?? {};
    const info = { current_epoch: this.#store.currentEpoch, high_water: Number(id ?? 0) };
    if (!withCount) return info;
    const count = this.#db.prepare("SELECT COUNT(*) AS count FROM objects WHERE epoch < ?1");
    return { ...info, candidates: Number(count.get(epoch)?.count) };
  }
}
