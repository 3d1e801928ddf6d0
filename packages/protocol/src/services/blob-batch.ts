import { Payload } from "../message/payload.ts";
import { decodeUtf8, encodeUtf8 } from "../message/text.ts";
import type { Body } from "../rpc/body.ts";
import { FluxError } from "../rpc/error.ts";

/** A blob and its address, trusted by the receiver: only the instance owner's services send these. */
export interface AddressedBlob {
  readonly digest: Uint8Array;
  readonly bytes: Uint8Array;
}

/**
 * Blobs that are stored together, and the text of checkpoints that may be recorded once they are.
 * All or nothing: the receiver answers when everything is where it belongs, in the order given.
 */
export interface BlobBatch {
  readonly blobs: readonly AddressedBlob[];
  /** JSON texts of checkpoint objects, oldest first. */
  readonly checkpoints: readonly string[];
}

const headerBytes = 12;

/**
 * The packed form, little-endian: count of blobs, digest size, count of checkpoints (32 bits each);
 * then per blob its length, digest and bytes; then per checkpoint its length and UTF-8 text.
 */
export const blobBatchBody: Body<BlobBatch> = {
  encode: (batch) => Payload.raw(packBatch(batch)),
  decode(payload, path) {
    if (!payload) throw new FluxError("EPROTO", `${path}: payload is missing`);
    try {
      return unpackBatch(payload.bytes);
    } catch (cause) {
      throw new FluxError("EPROTO", `${path}: malformed batch`, { cause });
    }
  },
};

function packBatch({ blobs, checkpoints }: BlobBatch): Uint8Array {
  const digestSize = blobs[0]?.digest.length ?? 0;
  const texts = checkpoints.map(encodeUtf8);
  let size = headerBytes;
  for (const { bytes } of blobs) size += 4 + digestSize + bytes.length;
  for (const text of texts) size += 4 + text.length;
  const packed = new Uint8Array(size);
  const view = new DataView(packed.buffer);
  view.setUint32(0, blobs.length, true);
  view.setUint32(4, digestSize, true);
  view.setUint32(8, texts.length, true);
  let at = headerBytes;
  for (const { digest, bytes } of blobs) {
    view.setUint32(at, bytes.length, true);
    packed.set(digest, at + 4);
    packed.set(bytes, at + 4 + digestSize);
    at += 4 + digestSize + bytes.length;
  }
  for (const text of texts) {
    view.setUint32(at, text.length, true);
    packed.set(text, at + 4);
    at += 4 + text.length;
  }
  return packed;
}

function unpackBatch(packed: Uint8Array): BlobBatch {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  const digestSize = view.getUint32(4, true);
  const blobs: AddressedBlob[] = [];
  const checkpoints: string[] = [];
  let at = headerBytes;
  const take = (size: number): Uint8Array => {
    if (at + size > packed.length) throw new RangeError("batch is cut short");
    at += size;
    return packed.subarray(at - size, at);
  };
  const length = (): number => view.getUint32(take(4).byteOffset - packed.byteOffset, true);
  for (let left = view.getUint32(0, true); left > 0; left--) {
    const size = length();
    const digest = take(digestSize);
    blobs.push({ digest, bytes: take(size) });
  }
  for (let left = view.getUint32(8, true); left > 0; left--) {
    checkpoints.push(decodeUtf8(take(length())));
  }
  return { blobs, checkpoints };
}
