import { libc, Os } from "./libc.ts";

/**
 * Whom a child shares signals from the terminal and kill(2) of a group with: a process group of its
 * `own` (RFC 42's default), a `session` of its own without a terminal, or the group of its parent.
 */
export type ProcessGroup = "own" | "session" | "inherit";

const groupFlags = {
  own: Os.POSIX_SPAWN_SETPGROUP,
  session: Os.POSIX_SPAWN_SETSID,
  inherit: 0,
} as const;

const prepared = new Map<ProcessGroup, Uint8Array>();

/** posix_spawn attributes; made once, since they depend on nothing else. */
export function spawnAttributes(group: ProcessGroup = "own"): Uint8Array {
  let attributes = prepared.get(group);
  if (!attributes) {
    attributes = new Uint8Array(512);
    const c = libc();
    c.attrInit(attributes);
    c.attrSetFlags(
      attributes,
      groupFlags[group] | Os.POSIX_SPAWN_SETSIGDEF | Os.POSIX_SPAWN_SETSIGMASK,
    );
    c.attrSetMask(attributes, signalSet([]));
    c.attrSetDefault(attributes, signalSet(resettable));
    prepared.set(group, attributes);
  }
  return attributes;
}

/**
 * Signals whose action a child gets back from us: Node ignores SIGPIPE, say. SIGKILL and SIGSTOP
 * cannot be set, and nobody here touches the real-time signals.
 */
const resettable = Array.from({ length: 31 }, (_, i) => i + 1).filter((n) => n !== 9 && n !== 19);

/** A sigset_t: bit n-1 of machine words is signal n. */
function signalSet(signals: readonly number[]): Uint8Array {
  const words = new BigUint64Array(16);
  for (const signum of signals) words[0] = words[0]! | (1n << BigInt(signum - 1));
  return new Uint8Array(words.buffer);
}
