/** The part of a file system that describes the machine: `/sys`, `/proc`, `/dev`. */
export interface SysFs {
  /** Content of a small file without trailing blanks; undefined if it cannot be read. */
  read(path: string): string | undefined;
  /** Names in a directory; none if it cannot be read. */
  list(path: string): string[];
  /** Last part of where a symbolic link leads; undefined if it is none. */
  link(path: string): string | undefined;
  /** A device node that this process may open. */
  isDevice(path: string): boolean;
}

/** Number in a file, in decimal or with `0x`. */
export function readNumber(fs: SysFs, path: string): number | undefined {
  const text = fs.read(path);
  const value = text === undefined || text === "" ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}
