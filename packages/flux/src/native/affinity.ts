import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { checked, lastErrno, libc } from "./libc.ts";

/** Sizes of CPU masks to try: the kernel refuses one that is too short for the machine. */
const firstMaskBytes = 128;
const lastMaskBytes = 8192;

/** The logical CPUs that a process or thread may run on, ascending; 0 is the calling thread. */
export function affinity(pid = 0): number[] {
  return cpusOf(affinityWords(pid));
}

/**
 * Let a process or thread (0: the calling one) run on these CPUs only. Throws EINVAL if none of
 * them exists or is allowed, ESRCH, or EPERM.
 */
export function setAffinity(cpus: Iterable<number>, pid = 0): void {
  const mask = maskOf(cpus);
  const result = libc().schedSetaffinity(pid, mask.length, mask);
  checked(result, `CPU affinity of process ${pid}`);
}

/** Run `action`, which must not wait for anything, with the calling thread on these CPUs. */
export function withAffinity<T>(cpus: Iterable<number>, action: () => T): T {
  const before = new Uint8Array(affinityWords().buffer);
  setAffinity(cpus);
  try {
    return action();
  } finally {
    checked(libc().schedSetaffinity(0, before.length, before), "CPU affinity");
  }
}

function affinityWords(pid = 0): BigUint64Array {
  for (let size = firstMaskBytes; ; size *= 2) {
    const words = new BigUint64Array(size / 8);
    const bytes = new Uint8Array(words.buffer);
    if (libc().schedGetaffinity(pid, size, bytes) !== -1) return words;
    if (lastErrno() !== Errno.EINVAL || size >= lastMaskBytes) {
      checked(-1, `CPU affinity of process ${pid}`);
    }
  }
}

function cpusOf(words: BigUint64Array): number[] {
  const cpus: number[] = [];
  words.forEach((word, i) => {
    for (let bit = 0; word >> BigInt(bit) !== 0n; bit++) {
      if ((word >> BigInt(bit)) & 1n) cpus.push(i * 64 + bit);
    }
  });
  return cpus;
}

/** A CPU set of C: 64-bit words in the machine's byte order. */
function maskOf(cpus: Iterable<number>): Uint8Array {
  const list = [...cpus];
  for (const cpu of list) {
    if (!Number.isInteger(cpu) || cpu < 0 || cpu >= lastMaskBytes * 8) {
      throw new FluxError("EINVAL", `CPU ${cpu} does not exist`);
    }
  }
  const last = list.reduce((most, cpu) => Math.max(most, cpu), firstMaskBytes * 8 - 1);
  const words = new BigUint64Array((last >> 6) + 1);
  for (const cpu of list) words[cpu >> 6] = words[cpu >> 6]! | (1n << BigInt(cpu & 63));
  return new Uint8Array(words.buffer);
}
