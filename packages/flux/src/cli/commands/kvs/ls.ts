import type { Kvs } from "@flux-ts/client/kvs";
import type { TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { compareUtf8 } from "@flux-ts/protocol/text/utf8";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import type { Output } from "../../output/output.ts";
import { columnLines, isDirectory, keyAt, sortedEntries, widthOf, widthOption } from "./listing.ts";
import { kvsOf, namespaceOption } from "./options.ts";

export default command({
  name: "ls",
  summary: "List directory",
  dialect: "A",
  usage: "[-N ns] [-R] [-d] [-F] [-w COLS] [-1] [key...]",
  args: { keys: "[KEY...]" },
  options: {
    namespace: namespaceOption,
    recursive: flag("-R, --recursive", "List directory recursively"),
    directory: flag("-d, --directory", "List directory instead of contents"),
    width: widthOption,
    one: flag("-1, --1", "Force one entry per line"),
    classify: flag("-F, --classify", "Append indicator (one of .@) to entries"),
  },
  async run({ args, options, flux, out, err, env }) {
    const width = options.one ? 1 : widthOf(options.width, out, env);
    const { recursive, directory, classify } = options;
    const kvs = kvsOf(await flux(), options.namespace, env);
    const lister = new Lister({ kvs, out, width, recursive, directory, classify });
    const keys = args.keys.length > 0 ? args.keys : ["."];
    let failures = 0;
    for (const key of keys) {
      const problem = await lister.add(key);
      if (problem === undefined) continue;
      err.line(problem);
      failures++;
    }
    await lister.print();
    return failures > 0 ? 1 : 0;
  },
});

interface ListerOptions {
  kvs: Kvs;
  out: Output;
  width: number;
  recursive: boolean;
  directory: boolean;
  classify: boolean;
}

/** As ls(1): first what is no directory, then each directory with what is in it. */
class Lister {
  readonly #options: ListerOptions;
  readonly #singles: string[] = [];
  readonly #directories: string[] = [];

  constructor(options: ListerOptions) {
    this.#options = options;
  }

  /** Returns what is wrong with the key, if anything. */
  async add(given: string): Promise<string | undefined> {
    const { kvs, directory, classify } = this.#options;
    const key = given.replace(/(?<=.)\.+$/, "");
    // A period at the end asks for a directory.
    const mustBeDirectory = key !== given;
    let object: TreeObject;
    try {
      object = await kvs.treeObject(key);
    } catch (error) {
      if (error instanceof FluxError) return `${key}: ${errnoText(error.errnum)}`;
      throw error;
    }
    if (isDirectory(object)) {
      if (directory) this.#singles.push(classify ? `${key}.` : key);
      else this.#directories.push(key);
      return undefined;
    }
    if (mustBeDirectory) return `${key}: Not a directory`;
    if (object.type === "symlink" && classify) this.#singles.push(`${key}@`);
    else if (object.type === "symlink" && !directory) await this.#addLink(key);
    else this.#singles.push(key);
    return undefined;
  }

  async print(): Promise<void> {
    const { out, width, recursive } = this.#options;
    const singles = this.#singles.sort(compareUtf8);
    out.write(
      columnLines(
        singles.map((name) => ({ name, shown: name })),
        width,
      ),
    );
    const hasSingles = singles.length > 0;
    const withLabel = hasSingles || recursive || this.#directories.length > 1;
    let withSpace = hasSingles;
    for (const key of this.#directories.sort(compareUtf8)) {
      await this.#list(key, withLabel, withSpace);
      withSpace = true;
    }
  }

  /** A link to a directory is shown as what is in it, any other by its name. */
  async #addLink(key: string): Promise<void> {
    try {
      await this.#options.kvs.get(key);
    } catch (error) {
      if (isErrno(error, "EISDIR")) {
        this.#directories.push(key);
        return;
      }
      if (!isErrno(error, "ENOENT")) failedToErrno(key)(error);
    }
    this.#singles.push(key);
  }

  async #list(key: string, withLabel: boolean, withSpace: boolean): Promise<void> {
    const { kvs, out, width, recursive, classify } = this.#options;
    const entries = sortedEntries(await kvs.dir(key).catch(failedToErrno(key)));
    if (withLabel) out.line(`${withSpace ? "\n" : ""}${key}:`);
    const words = entries.map(([name, entry]) => ({
      name,
      shown: classify ? name + indicatorOf(entry) : name,
    }));
    out.write(columnLines(words, width));
    if (!recursive) return;
    for (const [name, entry] of entries) {
      if (isDirectory(entry)) await this.#list(keyAt(key, name), withLabel, true);
    }
  }
}

function indicatorOf(entry: TreeObject): string {
  if (isDirectory(entry)) return ".";
  return entry.type === "symlink" ? "@" : "";
}
