import { Idset } from "../text/idset.ts";

/** Highest bit read from a mask: more CPUs than any kernel knows. */
const maxWords = 4096;

/** hwloc's text of a set of CPUs or NUMA nodes: 32-bit words, the most significant first. */
export function encodeCpuset(ids: Idset): string {
  const last = ids.last();
  if (last === undefined) return "0x0";
  const words: string[] = [];
  for (let word = last >>> 5; word >= 0; word--) {
    let bits = 0;
    for (let bit = 0; bit < 32; bit++) {
      if (ids.has(word * 32 + bit)) bits |= 1 << bit;
    }
    words.push(wordText(bits >>> 0, word === 0));
  }
  return words.join(",");
}

/** hwloc leaves words without bits empty, except for the lowest. */
function wordText(bits: number, isLowest: boolean): string {
  if (bits !== 0) return `0x${bits.toString(16).padStart(8, "0")}`;
  return isLowest ? "0x0" : "";
}

/** Read hwloc's text of a set. An infinite one (`0xf...f`) ends with the last word that is given. */
export function parseCpuset(text: string): Idset {
  const ids = new Idset();
  const words = text.split(",").reverse().slice(0, maxWords);
  for (const [index, word] of words.entries()) {
    if (word === "" || word === "0xf...f") continue;
    const bits = Number(word.startsWith("0x") ? word : `0x${word}`);
    if (!Number.isInteger(bits)) continue;
    for (let bit = 0; bit < 32; bit++) {
      if ((bits >>> bit) & 1) ids.add(index * 32 + bit);
    }
  }
  return ids;
}
