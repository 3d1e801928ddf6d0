import type { HashName } from "@flux-ts/protocol/kvs/blobref";
import { FluxError } from "@flux-ts/protocol/rpc/error";

const base64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Blobs, their names and their texts, in one hash of RFC 10. Uses Node's buffers for speed. */
export class BlobCodec {
  readonly #prefix: string;
  readonly #hash: (bytes: Uint8Array) => string;

  /** `hash`: hex digits of the digest of bytes. */
  constructor(name: HashName, hash: (bytes: Uint8Array) => string) {
    this.#prefix = `${name}-`;
    this.#hash = hash;
  }

  /** Blobref of bytes. */
  refOf = (bytes: Uint8Array): string => this.#prefix + this.#hash(bytes);

  /** UTF-8 bytes of text. */
  encode = (text: string): Uint8Array => Buffer.from(text);

  /** Bytes of base64 text. EPROTO where the protocol's own decoder, which cannot use Node's, refuses too. */
  decode = (text: string): Uint8Array => {
    if (text.length % 4 === 1 || !base64.test(text)) throw new FluxError("EPROTO");
    return Buffer.from(text, "base64");
  };

  /** Base64 text of concatenated parts. */
  toBase64 = (parts: readonly Uint8Array[]): string => Buffer.concat(parts).toString("base64");

  /** Hex digits in a blobref. */
  keyOf(ref: string): string {
    return ref.slice(ref.indexOf("-") + 1);
  }

  /** Digest in a blobref. */
  digestOf(ref: string): Uint8Array {
    return Buffer.from(this.keyOf(ref), "hex");
  }
}
