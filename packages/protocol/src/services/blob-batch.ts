import { Payload } from "../message/payload.ts";
import { decodeUtf8, encodeUtf8 } from "../message/text.ts";
import type { Body } from "../rpc/body.ts";
import { FluxError } from "../rpc/error.ts";
import { type JsonObject, parseJson } from "../schema/json.ts";
import { t } from "../schema/schema.ts";
import { decodeBase64, encodeBase64 } from "../text/base64.ts";

/** A blob and its address, trusted by the receiver: only the instance owner's services send these. */
export interface AddressedBlob {
  /** Hex digits of the digest. */
  readonly key: string;
  readonly bytes: Uint8Array;
}

/**
 * Blobs that are stored together, and checkpoints that may be recorded once they are. All or nothing:
 * the receiver answers when everything is where it belongs, in the order given.
 */
export interface BlobBatch {
  readonly blobs: readonly AddressedBlob[];
  /** JSON texts of checkpoint objects, oldest first. */
  readonly checkpoints: readonly string[];
}

const header = t.object({
  keys: t.array(t.string),
  sizes: t.array(t.int),
  checkpoints: t.array(t.string),
});

/**
 * A batch as bytes, for a receiver in another thread: length of the header (32 bits, little-endian),
 * the header as JSON text, then the bytes of the blobs one after the other.
 */
export const packedBatchBody: Body<BlobBatch> = {
  encode: (batch) => Payload.raw(pack(batch)),
  decode(payload, path) {
    if (!payload) throw new FluxError("EPROTO", `${path}: payload is missing`);
    return unpack(payload.bytes, path);
  },
};

/** Blobs that are handed over within a broker. */
export interface SharedBlobs {
  readonly blobs: readonly AddressedBlob[];
  /** Refuse them if they could not be made to outlast the brokers. */
  readonly needsBacking: boolean;
}

/**
 * Blobs for a receiver in the same broker: within it they are passed as they are. Should they ever leave
 * the process, they are printed as base64.
 */
export const sharedBlobsBody: Body<SharedBlobs> = {
  encode(blobs) {
    return Payload.json(blobs as unknown as JsonObject, () => JSON.stringify(blobs, printBytes));
  },
  decode(payload, path) {
    const { blobs, needsBacking } = shared.check(payload?.json, path);
    return { blobs: blobs.map(addressedBlob), needsBacking };
  },
};

const shared = t.object({
  blobs: t.array(t.object({ key: t.string, bytes: t.json })),
  needsBacking: t.boolean,
});

function addressedBlob({ key, bytes }: { key: string; bytes: unknown }): AddressedBlob {
  if (bytes instanceof Uint8Array) return { key, bytes };
  if (typeof bytes === "string") return { key, bytes: decodeBase64(bytes) };
  throw new FluxError("EPROTO", `blob ${key}: expected base64`);
}

function printBytes(this: unknown, _key: string, value: unknown): unknown {
  return value instanceof Uint8Array ? encodeBase64(value) : value;
}

function pack({ blobs, checkpoints }: BlobBatch): Uint8Array {
  const keys = blobs.map(({ key }) => key);
  const sizes = blobs.map(({ bytes }) => bytes.length);
  const head = encodeUtf8(JSON.stringify({ keys, sizes, checkpoints }));
  const packed = new Uint8Array(sizes.reduce((sum, size) => sum + size, 4 + head.length));
  new DataView(packed.buffer).setUint32(0, head.length, true);
  packed.set(head, 4);
  let at = 4 + head.length;
  for (const { bytes } of blobs) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

function unpack(packed: Uint8Array, path: string): BlobBatch {
  if (packed.length < 4) throw new FluxError("EPROTO", `${path}: batch is cut short`);
  let at = 4 + new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  const { keys, sizes, checkpoints } = headerOf(packed.subarray(4, at), path);
  const blobs: AddressedBlob[] = [];
  for (const [index, key] of keys.entries()) {
    const end = at + (sizes[index] ?? 0);
    if (end < at || end > packed.length) {
      throw new FluxError("EPROTO", `${path}: batch is cut short`);
    }
    blobs.push({ key, bytes: packed.subarray(at, end) });
    at = end;
  }
  return { blobs, checkpoints };
}

function headerOf(bytes: Uint8Array, path: string) {
  try {
    return header.check(parseJson(decodeUtf8(bytes)), path);
  } catch (cause) {
    throw new FluxError("EPROTO", `${path}: batch has no header`, { cause });
  }
}
