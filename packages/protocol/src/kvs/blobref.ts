import { FluxError } from "../rpc/error.ts";

/**
 * Blob references (RFC 10): the address of content, as text `sha1-<hex>` and as bare digest bytes.
 * Hashing is handed in, since this package has no crypto of its own.
 */
export const digestSizes = { sha1: 20, sha256: 32 } as const;
export type HashName = keyof typeof digestSizes;

/** A hash function with its name. */
export interface Hash {
  readonly name: HashName;
  digest(bytes: Uint8Array): Uint8Array;
}

export interface Blobref {
  readonly hash: HashName;
  readonly digest: Uint8Array;
}

/** Longest blobref text: `sha256-` and 64 digits. */
export const maxBlobrefLength = 71;

const pattern = /^(?:sha1-[0-9a-f]{40}|sha256-[0-9a-f]{64})$/;
const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export const isHashName = (name: string): name is HashName => Object.hasOwn(digestSizes, name);

/** A complete blobref of a known hash, with lower-case digits as RFC 10 has them. */
export const isBlobref = (text: string): boolean => pattern.test(text);

/** The text of a digest. EINVAL if its size is not that of the hash. */
export function encodeBlobref(hash: HashName, digest: Uint8Array): string {
  if (digest.length !== digestSizes[hash]) {
    throw new FluxError("EINVAL", `${digest.length} bytes are not a ${hash} digest`);
  }
  let text = `${hash}-`;
  for (const byte of digest) text += hexOf[byte]!;
  return text;
}

/** Hash and digest of a blobref. EINVAL if it is none. */
export function parseBlobref(text: string): Blobref {
  if (!isBlobref(text)) throw new FluxError("EINVAL", `'${text}' is not a blobref`);
  const hash = text.charAt(4) === "-" ? "sha1" : "sha256";
  const start = hash.length + 1;
  const digest = new Uint8Array(digestSizes[hash]);
  for (let i = 0; i < digest.length; i++) {
    digest[i] = Number.parseInt(text.slice(start + 2 * i, start + 2 * i + 2), 16);
  }
  return { hash, digest };
}

/** The blobref of content. */
export function blobrefOf(hash: Hash, content: Uint8Array): string {
  return encodeBlobref(hash.name, hash.digest(content));
}
