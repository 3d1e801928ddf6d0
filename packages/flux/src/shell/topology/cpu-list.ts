import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";

/** Highest CPU number plus one that a bit mask may name. */
const maxBits = 65_536;

/**
 * CPUs in one of the forms that hwloc and taskset(1) write: a list `0,2-3`, a mask `0xf`, or a mask
 * in words of 32 bits, most significant first: `0x1,0x0000000f`. EINVAL for anything else, or none.
 */
export function parseCpus(text: string): Idset {
  const cpus = text.startsWith("0x") ? maskCpus(text) : listCpus(text);
  if (!cpus || cpus.isEmpty) {
    throw new FluxError("EINVAL", `cpuset ${text} contains no cores or is invalid`);
  }
  return cpus;
}

/** Sets for each of `ntasks` tasks from `A;B`; used again from the start if there are too few. */
export function parseCpuMap(text: string, ntasks: number): Idset[] {
  const sets = text.split(";").filter((part) => part !== "");
  if (sets.length === 0) {
    throw new FluxError("EINVAL", `no cpusets found in affinity list ${text}`);
  }
  const parsed = sets.slice(0, ntasks).map(parseCpus);
  return Array.from({ length: ntasks }, (_, i) => parsed[i % parsed.length]!);
}

function listCpus(text: string): Idset | undefined {
  try {
    return Idset.parse(text);
  } catch {
    return undefined;
  }
}

function maskCpus(text: string): Idset | undefined {
  const words = text.split(",");
  const isMask = words.every((word) => /^0x[0-9a-f]*$/i.test(word));
  if (!isMask || text.length > maxBits / 4) return undefined;
  const cpus = new Idset();
  words.reverse().forEach((word, index) => {
    let bits = BigInt(word === "0x" ? 0 : word);
    // Only a single word may be longer than 32 bits: that is how taskset(1) writes a mask.
    for (let cpu = index * 32; bits > 0n; cpu++, bits >>= 1n) if (bits & 1n) cpus.add(cpu);
  });
  return cpus;
}
