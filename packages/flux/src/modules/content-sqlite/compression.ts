import * as lz4 from "lz4-wasm-nodejs";

/** The library puts the length before the block (32 bits, little-endian); the file has a column for it. */
const prefixBytes = 4;

/** An LZ4 block, without frame or length. */
export function compress(bytes: Uint8Array): Uint8Array {
  return lz4.compress(bytes).subarray(prefixBytes);
}

/** Throws if the block is malformed or does not hold `size` bytes. */
export function decompress(block: Uint8Array, size: number): Uint8Array {
  const prefixed = new Uint8Array(prefixBytes + block.length);
  new DataView(prefixed.buffer).setUint32(0, size, true);
  prefixed.set(block, prefixBytes);
  const bytes = lz4.decompress(prefixed);
  if (bytes.length !== size) throw new RangeError(`block holds ${bytes.length} of ${size} bytes`);
  return bytes;
}
