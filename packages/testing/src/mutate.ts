/** A small deterministic generator of pseudo-random numbers: failures can be repeated by their seed. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    // xorshift32
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }
}

const interesting = [0, 1, 0x7f, 0x80, 0xfe, 0xff];
const maxInserted = 64;

/** A damaged copy of `bytes`: bits flipped, bytes replaced, parts cut, repeated or inserted. */
export function mutate(bytes: Uint8Array, random: Random): Uint8Array {
  let mutant: Uint8Array = bytes.slice();
  for (let n = 1 + random.below(4); n > 0; n--) mutant = mutateOnce(mutant, random);
  return mutant;
}

function mutateOnce(bytes: Uint8Array, random: Random): Uint8Array {
  if (bytes.length === 0) return bytes;
  const at = random.below(bytes.length);
  switch (random.below(6)) {
    case 0:
      bytes[at]! ^= 1 << random.below(8);
      return bytes;
    case 1:
      bytes[at] = random.below(256);
      return bytes;
    case 2:
      bytes[at] = interesting[random.below(interesting.length)]!;
      return bytes;
    case 3:
      return bytes.slice(0, at);
    case 4: {
      const part = bytes.slice(at, at + 1 + random.below(maxInserted));
      return joined(bytes.subarray(0, at), part, bytes.subarray(at));
    }
    default: {
      const part = Uint8Array.from({ length: 1 + random.below(8) }, () => random.below(256));
      return joined(bytes.subarray(0, at), part, bytes.subarray(at));
    }
  }
}

function joined(...parts: Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
