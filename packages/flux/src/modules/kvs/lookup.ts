import { keyNames, normalizeKey, rootKey } from "@flux-ts/protocol/kvs/key";
import {
  checkTreeObject,
  dirref,
  type Symlink,
  type TreeObject,
} from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import type { Directory } from "./directory.ts";

/** What a lookup can see of this rank. */
export interface LookupView {
  /** Null: the blob is no directory; undefined: it has to be loaded. */
  directory(ref: string): Directory | null | undefined;
  bytes(ref: string): Uint8Array | undefined;
  /**
   * The root of a namespace for whoever asks; undefined: this rank does not know it yet. Throws EPERM
   * or ENOTSUP.
   */
  root(namespace: string): { ref: string; seq: number } | undefined;
  toBase64(parts: readonly Uint8Array[], sizeBytes: number): string;
}

export interface LookupArgs {
  readonly key: string;
  readonly flags: number;
  readonly namespace?: string | undefined;
  /** Look up below this root instead of the namespace's. */
  readonly root?: { ref: string; seq: number } | undefined;
}

export type LookupStep =
  /** Undefined: there is no such key. */
  | { readonly do: "answer"; readonly value: TreeObject | undefined }
  /** Get these blobs, then step again. */
  | { readonly do: "load"; readonly refs: readonly string[] }
  /** Get to know this namespace, then step again. */
  | { readonly do: "find-namespace"; readonly namespace: string };

/** Symlinks within symlinks that are followed. */
const maxLinkDepth = 10;
/** Longest value: what fits into a string as base64. */
const maxValueBytes = 0x7fffffff;

/** Thrown within a step when something is not at hand. */
class Stall {
  readonly step: LookupStep;
  constructor(step: LookupStep) {
    this.step = step;
  }
}

/**
 * One lookup. It is started anew after each load, always on the root that it found first; so what it
 * sees is one version of the namespace.
 */
export class Lookup {
  readonly #args: LookupArgs;
  readonly #view: LookupView;
  readonly #names: readonly string[];
  /** Blobs of the value that were loaded: a large one is not forgotten before all of it is there. */
  readonly #held = new Map<string, Uint8Array>();
  /** The root that is read, once it is known. */
  root: { ref: string; seq: number } | undefined;

  /** EPROTO without a namespace and without a root. */
  constructor(args: LookupArgs, view: LookupView) {
    if (args.root === undefined && args.namespace === undefined) {
      throw new FluxError("EPROTO", "lookup needs a namespace or a rootdir");
    }
    this.#args = args;
    this.#view = view;
    this.#names = keyNames(args.key);
    this.root = args.root;
  }

  /** A blob was loaded for this lookup. */
  hold(ref: string, bytes: Uint8Array): void {
    this.#held.set(ref, bytes);
  }

  /** Throws what the lookup fails with. */
  step(): LookupStep {
    try {
      return { do: "answer", value: this.#answer() };
    } catch (error) {
      if (error instanceof Stall) return error.step;
      throw error;
    }
  }

  #answer(): TreeObject | undefined {
    const { namespace, root } = this.#args;
    if (!root) {
      // Asked every time: the namespace may have gone, or changed hands, during a load.
      const current = this.#rootOf(namespace!);
      this.root ??= { ref: current.ref, seq: current.seq };
    }
    const { ref } = this.root!;
    if (this.#names.length === 0) return this.#answerRoot(ref);
    const entry = this.#walk(ref, this.#names, 0);
    return entry && this.#valueOf(entry);
  }

  #has(flag: number): boolean {
    return (this.#args.flags & flag) !== 0;
  }

  #answerRoot(ref: string): TreeObject {
    if (this.#has(KvsFlag.Treeobj)) return dirref(ref);
    if (!this.#has(KvsFlag.Readdir)) throw new FluxError("EISDIR");
    return this.#directory(ref, true).object;
  }

  /** The entry at the end of a path. `depth`: how many links led here. */
  #walk(rootref: string, names: readonly string[], depth: number): TreeObject | undefined {
    let at: TreeObject = dirref(rootref);
    for (const [index, name] of names.entries()) {
      const entry = this.#entryOf(at, name, depth === 0 && index === 0);
      if (!entry) return undefined;
      if (entry.type !== "symlink") {
        at = entry;
        continue;
      }
      // RFC 11: links are followed on the way; at the end, unless it is the link that is wanted.
      const isEnd = depth === 0 && index === names.length - 1;
      if (isEnd && this.#has(KvsFlag.Readlink | KvsFlag.Treeobj)) return entry;
      const target = this.#follow(rootref, entry, depth);
      if (!target) return undefined;
      at = target;
    }
    return at;
  }

  #follow(rootref: string, { data }: Symlink, depth: number): TreeObject | undefined {
    if (depth === maxLinkDepth) throw new FluxError("ELOOP");
    const { target, namespace } = data;
    const root = namespace === undefined ? rootref : this.#rootOf(namespace).ref;
    if (normalizeKey(target) === rootKey) return dirref(root);
    return this.#walk(root, keyNames(target), depth + 1);
  }

  #entryOf(at: TreeObject, name: string, isRoot: boolean): TreeObject | undefined {
    switch (at.type) {
      case "dirref":
        return this.#directory(refOf(at.data), isRoot).get(name);
      case "dir":
        return Object.hasOwn(at.data, name) ? at.data[name] : undefined;
      default:
        // A path through a value leads nowhere.
        return undefined;
    }
  }

  #valueOf(entry: TreeObject): TreeObject {
    if (this.#has(KvsFlag.Treeobj)) return entry;
    const wantsLink = this.#has(KvsFlag.Readlink);
    const wantsDirectory = this.#has(KvsFlag.Readdir);
    if (entry.type === "symlink") {
      if (wantsDirectory) throw new FluxError("ENOTDIR");
      return entry;
    }
    if (wantsLink) throw new FluxError("EINVAL");
    if (entry.type === "dir" || entry.type === "dirref") {
      if (!wantsDirectory) throw new FluxError("EISDIR");
      return entry.type === "dir" ? entry : this.#directory(refOf(entry.data), false).object;
    }
    if (wantsDirectory) throw new FluxError("ENOTDIR");
    return entry.type === "val" ? entry : this.#join(entry.data);
  }

  /** The value that a valref stands for. */
  #join(refs: readonly string[]): TreeObject {
    const missing = new Set<string>();
    const parts: Uint8Array[] = [];
    let size = 0;
    for (const ref of refs) {
      const bytes = this.#held.get(ref) ?? this.#view.bytes(ref);
      if (!bytes) {
        missing.add(ref);
        continue;
      }
      size += bytes.length;
      parts.push(bytes);
    }
    if (missing.size > 0) throw new Stall({ do: "load", refs: [...missing] });
    if (size > maxValueBytes) throw new FluxError("EOVERFLOW");
    return { ver: 1, type: "val", data: this.#view.toBase64(parts, size) };
  }

  /** The directory in a blob. A root that is none was a mistake of the asker, any other is damage. */
  #directory(ref: string, isRoot: boolean): Directory {
    const directory = this.#view.directory(ref);
    if (directory) return directory;
    if (directory === undefined) throw new Stall({ do: "load", refs: [ref] });
    throw new FluxError(isRoot ? "EINVAL" : "ENOTRECOVERABLE");
  }

  #rootOf(namespace: string): { ref: string; seq: number } {
    const root = this.#view.root(namespace);
    if (!root) throw new Stall({ do: "find-namespace", namespace });
    return root;
  }
}

/** The blobref in a dirref that a client looks up below. EINVAL if it is none. */
export function rootrefOf(rootdir: Json): string {
  try {
    const object = checkTreeObject(rootdir, "rootdir");
    if (object.type === "dirref") return object.data[0]!;
  } catch (cause) {
    throw new FluxError("EINVAL", "rootdir is not a tree object", { cause });
  }
  throw new FluxError("EINVAL", "rootdir is not a dirref");
}

function refOf(data: readonly string[]): string {
  if (data.length !== 1) throw new FluxError("ENOTRECOVERABLE", "dirref of more than one blob");
  return data[0]!;
}
