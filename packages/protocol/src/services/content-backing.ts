import { rawBody } from "../rpc/body.ts";
import { method, renamed } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";
import { packedBatchBody } from "./blob-batch.ts";
import { content } from "./content.ts";

/** The store behind the content cache of rank 0; served by content-sqlite or content-files. */
export const contentBacking = {
  load: renamed(content.load, "content-backing.load"),
  store: renamed(content.store, "content-backing.store"),
  /** Digest bytes in, nothing out. ENOENT: unknown. */
  validate: method("content-backing.validate", { request: rawBody }),
  checkpointGet: renamed(content.checkpointGet, "content-backing.checkpoint-get"),
  checkpointPut: renamed(content.checkpointPut, "content-backing.checkpoint-put"),
  /**
   * Store blobs and record checkpoints in one transaction: answered when all of it is durable. An
   * addition of ours; a store without it answers ENOSYS and gets single requests.
   */
  storeBatch: method("content-backing.store-batch", { request: packedBatchBody }),
};

/** Online garbage collection (wire-jobs §1.2); content-sqlite only. */
export const contentGarbage = {
  /** Raise the epoch of these blobs to at least `epoch`. EINVAL: more than 16384 of them. */
  mark: method("content-backing.mark", {
    request: { epoch: t.int, hashes: t.array(t.string) },
    response: { marked: t.int },
  }),
  /** Delete blobs older than `epoch`, in rows after `cursor` up to `high_water`. */
  sweep: method("content-backing.sweep", {
    request: {
      epoch: t.int,
      cursor: t.int,
      high_water: t.int,
      delete_cap: t.int,
      window: t.int,
    },
    response: { deleted: t.int, cursor: t.int },
  }),
  gcInfo: method("content-backing.gc-info", {
    request: { epoch: t.int, get_count: t.optional(t.boolean) },
    response: { current_epoch: t.int, high_water: t.int, candidates: t.optional(t.int) },
  }),
};
