import { FluxError } from "@flux-ts/protocol/rpc/error";
import { addressOf } from "./libc.ts";

export type Env = Readonly<Record<string, string>>;

const encoder = new TextEncoder();
const blocks = new WeakMap<Env, EnvBlock>();

/**
 * An environment as execve(2) takes it. Making one costs a few microseconds per variable, so
 * processes with the same environment share a block, and `with` makes a varied one from it by
 * copying pointers.
 */
export class EnvBlock {
  /** NULL-terminated addresses of `NAME=VALUE` strings. */
  readonly pointers: BigUint64Array;
  readonly #index: ReadonlyMap<string, number>;
  readonly #values: ReadonlyMap<string, string>;
  /** What the pointers point into. */
  readonly #memory: readonly Uint8Array[];

  private constructor(
    pointers: BigUint64Array,
    index: ReadonlyMap<string, number>,
    values: ReadonlyMap<string, string>,
    memory: readonly Uint8Array[],
  ) {
    this.pointers = pointers;
    this.#index = index;
    this.#values = values;
    this.#memory = memory;
  }

  /**
   * The block of this object, made once: do not change an object after giving it here. Throws
   * EINVAL if a name or value cannot be passed on.
   */
  static of(env: Env | EnvBlock): EnvBlock {
    if (env instanceof EnvBlock) return env;
    let block = blocks.get(env);
    if (!block) {
      block = EnvBlock.#empty.with(env);
      blocks.set(env, block);
    }
    return block;
  }

  static get #empty(): EnvBlock {
    return new EnvBlock(new BigUint64Array(1), new Map(), new Map(), []);
  }

  value(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** The variables as an object. */
  toObject(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }

  /** This environment with some variables set to other values. */
  with(changes: Env): EnvBlock {
    const names = Object.keys(changes);
    if (names.length === 0) return this;
    const { memory, offsets } = encodeEnv(changes, names);
    const index = new Map(this.#index);
    const values = new Map(this.#values);
    for (const name of names) {
      if (!index.has(name)) index.set(name, index.size);
      values.set(name, changes[name]!);
    }
    const pointers = new BigUint64Array(index.size + 1);
    pointers.set(this.pointers);
    const base = addressOf(memory);
    names.forEach((name, i) => {
      pointers[index.get(name)!] = base + BigInt(offsets[i]!);
    });
    return new EnvBlock(pointers, index, values, [...this.#memory, memory]);
  }
}

/** `NAME=VALUE\0`..., and where each starts. */
function encodeEnv(env: Env, names: readonly string[]): { memory: Uint8Array; offsets: number[] } {
  const parts: Uint8Array[] = [];
  const offsets: number[] = [];
  let size = 0;
  for (const name of names) {
    const value = env[name]!;
    if (name === "" || name.includes("=") || name.includes("\0") || value.includes("\0")) {
      throw new FluxError("EINVAL", `environment variable "${name}" has no valid name or value`);
    }
    const part = encoder.encode(`${name}=${value}\0`);
    parts.push(part);
    offsets.push(size);
    size += part.length;
  }
  const memory = new Uint8Array(size);
  parts.forEach((part, i) => {
    memory.set(part, offsets[i]);
  });
  return { memory, offsets };
}
