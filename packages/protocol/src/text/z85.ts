import { FluxError } from "../rpc/error.ts";

// Z85 (ZeroMQ RFC 32): five printable characters for four bytes. CURVE keys are written in it.

const alphabet =
  "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
const digits = new Map([...alphabet].map((char, digit) => [char, digit]));

/** Text of bytes, whose number must be a multiple of four. */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw new FluxError("EINVAL", "z85 needs a multiple of 4 bytes");
  let text = "";
  for (let at = 0; at < bytes.length; at += 4) {
    let word = 0;
    for (let i = 0; i < 4; i++) word = word * 256 + bytes[at + i]!;
    let group = "";
    for (let i = 0; i < 5; i++) {
      group = alphabet[word % 85]! + group;
      word = Math.floor(word / 85);
    }
    text += group;
  }
  return text;
}

/** Bytes of a text. Throws EINVAL for what is no Z85. */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0) throw new FluxError("EINVAL", "z85 needs a multiple of 5 characters");
  const bytes = new Uint8Array((text.length / 5) * 4);
  for (let at = 0, to = 0; at < text.length; at += 5, to += 4) {
    let word = 0;
    for (let i = 0; i < 5; i++) {
      const digit = digits.get(text[at + i]!);
      if (digit === undefined) throw new FluxError("EINVAL", `'${text[at + i]}' is not in z85`);
      word = word * 85 + digit;
    }
    if (word > 0xffffffff) throw new FluxError("EINVAL", "z85 group is out of range");
    for (let i = 3; i >= 0; i--) {
      bytes[to + i] = word % 256;
      word = Math.floor(word / 256);
    }
  }
  return bytes;
}
