import { rawBody } from "../rpc/body.ts";
import { method } from "../rpc/method.ts";
import { type TypeOf, t } from "../schema/schema.ts";
import { sharedBlobsBody } from "./blob-batch.ts";

/**
 * Where the KVS was: what a restart begins from (wire-jobs §1.5). Readers accept versions 0 and 1, and
 * ones without sequence and timestamp; the store itself does not care.
 */
export const checkpoint = t.object({
  version: t.optional(t.int),
  rootref: t.optional(t.string),
  sequence: t.optional(t.int),
  timestamp: t.optional(t.real),
});
export type Checkpoint = TypeOf<typeof checkpoint>;

/** A load response with message flag USER1: the blob is in no backing store (mapped files). */
export const ephemeralFlag = 0x80;

/** Content storage (RFC 10): a cache of blobs on every rank, addressed by their digest. */
export const content = {
  /** Digest bytes to blob. ENOENT: unknown; EPROTO: not the size of a digest. */
  load: method("content.load", { request: rawBody, response: rawBody }),
  /** Blob to digest bytes. EFBIG: above the blob size limit. */
  store: method("content.store", { request: rawBody, response: rawBody }),
  /**
   * Store several blobs whose digests the sender has computed. An addition to RFC 10 for the KVS of the
   * same broker: one message and one hash for what a commit writes. ENOSYS: it needs a backing store and
   * there is none.
   */
  storeBlobs: method("content.store-blobs", { request: sharedBlobsBody }),
  /** Answered when nothing that was stored before is dirty. ENOSYS: no backing store. */
  flush: method("content.flush", {}),
  /** Forget every entry that can be loaded again. */
  dropcache: method("content.dropcache", {}),
  /** Rank 0. EINVAL: another backing store was used before; EBUSY: there is one. */
  registerBacking: method("content.register-backing", { request: { name: t.string } }),
  unregisterBacking: method("content.unregister-backing", {}),
  /** Newest first. ENOENT: there is none; ENOSYS: no backing store. */
  checkpointGet: method("content.checkpoint-get", { response: { value: t.array(checkpoint) } }),
  /** Recorded once everything that was stored before is in the backing store. */
  checkpointPut: method("content.checkpoint-put", { request: { value: checkpoint } }),
  /** Rank 0: offer the blobs of a file, in chunks of this size, without copying them into the store. */
  mmapAdd: method("content.mmap-add", {
    request: { path: t.string, chunksize: t.int, tag: t.string },
  }),
  mmapRemove: method("content.mmap-remove", { request: { tag: t.string } }),
};
