import { endianness } from "node:os";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { addressOf } from "./libc.ts";

export type Env = Readonly<Record<string, string>>;

const encoder = new TextEncoder();
const blocks = new WeakMap<Env, EnvBlock>();
/** Which 32-bit half of an address comes first. */
const lowHalf = endianness() === "LE" ? 0 : 1;

/**
 * An environment as execve(2) takes it. Making one takes time for each variable, so processes with
 * the same environment share a block, and `with` makes a varied one from it by copying pointers.
 */
export class EnvBlock {
  /** NULL-terminated addresses of `NAME=VALUE` strings. */
  readonly pointers: BigUint64Array;
  readonly #base: EnvBlock | undefined;
  readonly #changes: Env;
  /** Positions in `pointers` of the variables that the base does not have. */
  readonly #index = new Map<string, number>();
  /** The strings of the changes; the base keeps its own. */
  readonly #memory: Uint8Array;

  private constructor(changes: Env, base: EnvBlock | undefined) {
    this.#base = base;
    this.#changes = changes;
    const names = Object.keys(changes);
    const { memory, offsets } = encodeEnv(changes, names);
    this.#memory = memory;
    const before = base ? base.pointers.length - 1 : 0;
    const positions = names.map((name) => {
      const known = base?.position(name);
      if (known !== undefined) return known;
      const next = before + this.#index.size;
      this.#index.set(name, next);
      return next;
    });
    this.pointers = new BigUint64Array(before + this.#index.size + 1);
    if (base) this.pointers.set(base.pointers);
    this.#point(positions, offsets);
  }

  /**
   * The block of this object, made once: do not change an object after giving it here. Throws
   * EINVAL if a name or value cannot be passed on.
   */
  static of(env: Env | EnvBlock): EnvBlock {
    if (env instanceof EnvBlock) return env;
    let block = blocks.get(env);
    if (!block) {
      block = new EnvBlock(env, undefined);
      blocks.set(env, block);
    }
    return block;
  }

  value(name: string): string | undefined {
    return Object.hasOwn(this.#changes, name) ? this.#changes[name] : this.#base?.value(name);
  }

  /** The variables as an object. */
  toObject(): Record<string, string> {
    return { ...this.#base?.toObject(), ...this.#changes };
  }

  /** This environment with some variables set to other values. */
  with(changes: Env): EnvBlock {
    for (const _name in changes) return new EnvBlock(changes, this);
    return this;
  }

  /** Where in `pointers` a variable is. */
  position(name: string): number | undefined {
    return this.#index.get(name) ?? this.#base?.position(name);
  }

  #point(positions: readonly number[], offsets: readonly number[]): void {
    if (positions.length === 0) return;
    // Addresses have 48 bits or a few more: exact as numbers, which are much faster than bigints.
    const start = Number(addressOf(this.#memory));
    const halves = new Uint32Array(this.pointers.buffer);
    positions.forEach((position, i) => {
      const address = start + offsets[i]!;
      halves[position * 2 + lowHalf] = address % 2 ** 32;
      halves[position * 2 + 1 - lowHalf] = Math.floor(address / 2 ** 32);
    });
  }
}

/** `NAME=VALUE\0`..., and where each starts. */
function encodeEnv(
  env: Env,
  names: readonly string[],
): { memory: Uint8Array; offsets: readonly number[] } {
  let text = "";
  const offsets: number[] = [];
  for (const name of names) {
    const value = env[name]!;
    if (name === "" || name.includes("=") || name.includes("\0") || value.includes("\0")) {
      throw new FluxError("EINVAL", `environment variable "${name}" has no valid name or value`);
    }
    offsets.push(text.length);
    text += `${name}=${value}\0`;
  }
  const memory = encoder.encode(text);
  // As many bytes as characters: the offsets are right. Else each string ends at a NUL.
  if (memory.length !== text.length) {
    for (let i = 1; i < offsets.length; i++) offsets[i] = memory.indexOf(0, offsets[i - 1]!) + 1;
  }
  return { memory, offsets };
}
