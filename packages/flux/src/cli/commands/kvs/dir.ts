import { type Kvs, valueBytes } from "@flux-ts/client/kvs";
import type { TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import type { Output } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";
import { isDirectory, keyAt, sortedEntries, widthOf, widthOption } from "./listing.ts";
import { atOption, kvsOf, namespaceOption, snapshotOf, textBytes } from "./options.ts";

export default command({
  name: "dir",
  summary: "Display all keys under directory",
  dialect: "A",
  usage: "[-N ns] [-R] [-d] [-w COLS] [-a treeobj] [key]",
  args: { keys: "[KEY...]" },
  options: {
    namespace: namespaceOption,
    recursive: flag("-R, --recursive", "Recursively display keys under subdirectories"),
    directory: flag("-d, --directory", "List directory entries and not values"),
    width: widthOption,
    at: atOption,
  },
  async run({ args, options, flux, out, env }) {
    const [key = ".", ...rest] = args.keys;
    if (rest.length > 0) throw new CommandError("dir: specify zero or one directory");
    const width = widthOf(options.width, out, env);
    const kvs = kvsOf(await flux(), options.namespace, env);
    const { recursive, directory } = options;
    const dump = async () =>
      new Dump({ kvs, out, width, recursive, directory, at: snapshotOf(options.at) }).list(key);
    await dump().catch(failedToErrno(key));
  },
});

interface DumpOptions {
  kvs: Kvs;
  out: Output;
  /** Columns; 0: no limit. */
  width: number;
  recursive: boolean;
  /** Names only. */
  directory: boolean;
  at: TreeObject | undefined;
}

/** Prints what is in a directory, one line each. */
class Dump {
  readonly #options: DumpOptions;

  constructor(options: DumpOptions) {
    this.#options = options;
  }

  async list(key: string): Promise<void> {
    const { kvs, out, at, recursive } = this.#options;
    for (const [name, entry] of sortedEntries(await kvs.dir(key, { at }))) {
      const full = keyAt(key, name);
      if (entry.type === "symlink") out.line(`${full} -> ${targetOf(entry.data)}`);
      else if (!isDirectory(entry)) await this.#value(full, entry);
      else if (recursive && (await this.#hasEntries(full))) await this.list(full);
      else out.line(`${full}.`);
    }
  }

  async #hasEntries(key: string): Promise<boolean> {
    const { kvs, at } = this.#options;
    return Object.keys(await kvs.dir(key, { at })).length > 0;
  }

  async #value(key: string, entry: TreeObject): Promise<void> {
    const { kvs, out, at, directory, width } = this.#options;
    if (directory) {
      out.line(key);
      return;
    }
    const value = entry.type === "val" ? valueBytes(entry) : await kvs.get(key, { at });
    const line = Buffer.concat([Buffer.from(`${key} = `), textBytes(value)]);
    out.write(cut(line, width));
    out.write("\n");
  }
}

const targetOf = ({ target, namespace }: { target: string; namespace?: string }): string =>
  namespace === undefined ? target : `${namespace}::${target}`;

/** One line of at most `width` columns, with dots where something is missing. */
function cut(line: Uint8Array, width: number): Uint8Array {
  if (width <= 3) return line;
  let shown = line.subarray(0, width - 3);
  let isCut = line.length > width - 3;
  const newline = shown.indexOf(0x0a);
  if (newline >= 0) {
    isCut ||= newline + 1 < shown.length;
    shown = shown.subarray(0, newline);
  }
  return isCut ? Buffer.concat([shown, Buffer.from("...")]) : shown;
}
