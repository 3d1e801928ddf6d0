const units = ["", "K", "M", "G", "T", "P", "E"];

/** A number of bytes such as `4096`, `64K` or `1.5M` (powers of 1024); undefined if it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^\s*([0-9]*\.?[0-9]+)([kKMGTPE]?)$/.exec(text);
  if (!match) return undefined;
  return Math.floor(Number(match[1]) * 1024 ** units.indexOf(match[2]!.toUpperCase()));
}

/** `10M`, `1.5G`: the largest unit in which there is at least one. */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${Number(value.toFixed(6))}${units[unit]}`;
}
