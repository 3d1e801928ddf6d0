import { FluxError } from "@flux-ts/protocol/rpc/error";
import { checked, libc } from "./libc.ts";

/** Resource limits by the names that `flux submit --rlimit` and job shell option `rlimit` use. */
const resources = {
  cpu: 0,
  fsize: 1,
  data: 2,
  stack: 3,
  core: 4,
  rss: 5,
  nproc: 6,
  nofile: 7,
  memlock: 8,
  as: 9,
  locks: 10,
  sigpending: 11,
  msgqueue: 12,
  nice: 13,
  rtprio: 14,
  rttime: 15,
} as const;

export type RlimitName = keyof typeof resources;

/** Units are those of setrlimit(2): bytes, seconds or counts; -1 is unlimited. */
export interface Rlimit {
  readonly soft: number;
  readonly hard: number;
}

export const rlimitNames = Object.keys(resources) as readonly RlimitName[];

export function isRlimitName(name: string): name is RlimitName {
  return Object.hasOwn(resources, name);
}

const infinity = 0xffff_ffff_ffff_ffffn;

/** The limits of a resource for a process; 0 is this one. Throws EINVAL, ESRCH or EPERM. */
export function rlimit(name: RlimitName, pid = 0): Rlimit {
  const limits = new BigUint64Array(2);
  checked(libc().prlimit(pid, numberOf(name), null, limits), `resource limit ${name}`);
  return { soft: fromNative(limits[0]!), hard: fromNative(limits[1]!) };
}

/** All limits of a process; 0 is this one. */
export function rlimits(pid = 0): Record<RlimitName, Rlimit> {
  const entries = rlimitNames.map((name) => [name, rlimit(name, pid)] as const);
  return Object.fromEntries(entries) as Record<RlimitName, Rlimit>;
}

/**
 * Set the limits of a resource for a process; 0 is this one, and the processes it starts from then
 * on. A hard limit that is not given stays. Throws EPERM to raise a hard limit without privilege,
 * or EINVAL for a soft limit above the hard one.
 */
export function setRlimit(name: RlimitName, limit: { soft: number; hard?: number }, pid = 0): void {
  const hard = limit.hard ?? rlimit(name, pid).hard;
  const limits = new BigUint64Array([toNative(limit.soft), toNative(hard)]);
  checked(libc().prlimit(pid, numberOf(name), limits, null), `resource limit ${name}`);
}

function numberOf(name: RlimitName): number {
  const number = resources[name];
  if (number === undefined) throw new FluxError("EINVAL", `resource limit ${name} is unknown`);
  return number;
}

function fromNative(value: bigint): number {
  return value === infinity ? -1 : Number(value);
}

function toNative(value: number): bigint {
  if (value === -1) return infinity;
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new FluxError("EINVAL", `resource limit ${value} is not a number of 0 or more, or -1`);
  }
  return BigInt(value);
}
