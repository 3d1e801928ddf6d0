import { keyNames } from "@flux-ts/protocol/kvs/key";
import {
  type Dir,
  dirref,
  maxValTextLength,
  type Symlink,
  type TreeObject,
  type Val,
  type Valref,
  valref,
} from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Directory } from "./directory.ts";
import type { Operation } from "./transaction.ts";

/** Where directories come from, and what blobs are called. */
export interface TreeSource {
  /** Null: the blob is no directory; undefined: it has to be loaded. */
  directory(ref: string): Directory | null | undefined;
  /** The blobref of bytes. */
  refOf(bytes: Uint8Array): string;
  /** UTF-8 bytes of a text. */
  encode(text: string): Uint8Array;
  /** Bytes of base64 text. Throws if it is none. */
  decode(base64: string): Uint8Array;
}

/** What has to be in the content store before a new root may be published. */
export interface NewBlobs {
  readonly bytes: Map<string, Uint8Array>;
  readonly directories: Map<string, Directory>;
}

/** Symlinks that are followed for one key. */
const maxLinks = 10;
/** Directories below each other. */
const maxDepth = 1000;

/** A directory being changed: what was there, and what is put over it. */
class WorkDirectory {
  readonly base: Directory;
  /** Blobref of `base`, if it has one. */
  readonly ref: string | undefined;
  readonly changes = new Map<string, TreeObject | WorkDirectory | null>();

  constructor(base = Directory.empty, ref?: string) {
    this.base = base;
    this.ref = ref;
  }

  get(name: string): TreeObject | WorkDirectory | null | undefined {
    const changed = this.changes.get(name);
    return changed === undefined ? this.base.get(name) : changed;
  }
}

type Change = [
  at: WorkDirectory,
  name: string,
  before: TreeObject | WorkDirectory | null | undefined,
];

/**
 * The tree of a namespace while commits are applied to it. Operations of one transaction either all
 * take effect or none; directories that are touched are copied, once for any number of operations.
 */
export class WorkTree {
  readonly #source: TreeSource;
  readonly #namespace: string;
  readonly #root: WorkDirectory;
  readonly #blobs = new Map<string, Uint8Array>();
  readonly #undo: Change[] = [];
  /** Directories that are not at hand. If there are any, the tree is only good for finding more. */
  readonly missing = new Set<string>();

  /** ENOTRECOVERABLE if the root blob is no directory. */
  constructor(source: TreeSource, namespace: string, rootref: string) {
    this.#source = source;
    this.#namespace = namespace;
    this.#root = this.#open(rootref) ?? new WorkDirectory();
  }

  /** Apply a transaction. Throws what is wrong with it, and then has changed nothing. */
  apply(operations: readonly Operation[]): void {
    this.#undo.length = 0;
    try {
      for (const operation of operations) this.#applyOne(operation);
    } catch (error) {
      for (const [at, name, before] of this.#undo.reverse()) {
        if (before === undefined) at.changes.delete(name);
        else at.changes.set(name, before);
      }
      throw error;
    }
  }

  /** The new root and all that is new below it. */
  finish(): { rootref: string; blobs: NewBlobs } {
    const blobs = { bytes: this.#blobs, directories: new Map<string, Directory>() };
    const rootref = this.#store(this.#root, blobs);
    return { rootref, blobs };
  }

  #applyOne({ key, isAppend, dirent }: Operation): void {
    let names = keyNames(key);
    if (names.length === 0) throw new FluxError("EINVAL", "the root directory cannot be replaced");
    let at = this.#root;
    let links = 0;
    for (let i = 0; i < names.length - 1; i++) {
      if (names.length > maxDepth) throw new FluxError("ENAMETOOLONG", "key has too many parts");
      const name = names[i]!;
      const entry = at.get(name);
      if (isSymlink(entry)) {
        if (++links > maxLinks) throw new FluxError("ELOOP");
        names = [...this.#targetOf(entry), ...names.slice(i + 1)];
        at = this.#root;
        i = -1;
        continue;
      }
      const next = this.#descend(at, name, entry, dirent !== null);
      // Nothing to unlink there, or not known yet.
      if (!next) return;
      at = next;
    }
    const last = names.at(-1)!;
    if (dirent === null) this.#unlink(at, last);
    else this.#put(at, last, isAppend ? this.#appended(at.get(last), dirent) : dirent);
  }

  /** The directory below `at`; made if need be, replacing a value. Undefined: there is none. */
  #descend(
    at: WorkDirectory,
    name: string,
    entry: TreeObject | WorkDirectory | null | undefined,
    create: boolean,
  ): WorkDirectory | undefined {
    if (entry instanceof WorkDirectory) return entry;
    if (entry?.type === "dirref") {
      const opened = this.#open(refOf(entry.data));
      if (opened) at.changes.set(name, opened);
      return opened;
    }
    if (entry?.type === "dir") {
      const opened = this.#unpack(entry);
      this.#set(at, name, opened);
      return opened;
    }
    if (!create) return undefined;
    const made = new WorkDirectory();
    this.#set(at, name, made);
    return made;
  }

  #open(ref: string): WorkDirectory | undefined {
    const directory = this.#source.directory(ref);
    if (directory === null) throw new FluxError("ENOTRECOVERABLE", `${ref} is not a directory`);
    if (directory) return new WorkDirectory(directory, ref);
    this.missing.add(ref);
    return undefined;
  }

  #targetOf({ data }: Symlink): string[] {
    if (data.namespace !== undefined && data.namespace !== this.#namespace) {
      throw new FluxError("EINVAL", `cannot commit through a link into ${data.namespace}`);
    }
    return keyNames(data.target);
  }

  #unlink(at: WorkDirectory, name: string): void {
    const entry = at.get(name);
    if (entry !== undefined && entry !== null) this.#set(at, name, null);
  }

  #put(at: WorkDirectory, name: string, dirent: TreeObject): void {
    this.#set(at, name, dirent.type === "dir" ? this.#unpack(dirent) : this.#compact(dirent));
  }

  /** What appending a val to an entry makes of it. */
  #appended(entry: TreeObject | WorkDirectory | null | undefined, dirent: TreeObject): TreeObject {
    if (dirent.type !== "val") throw new FluxError("EPROTO", "only a val can be appended");
    if (!entry) return dirent;
    if (entry instanceof WorkDirectory) throw new FluxError("EISDIR");
    switch (entry.type) {
      case "val":
        return valref([this.#storeValue(entry), this.#storeValue(dirent)]);
      case "valref":
        return valref([...(entry as Valref).data, this.#storeValue(dirent)]);
      case "symlink":
        throw new FluxError("EOPNOTSUPP");
      case "dir":
      case "dirref":
        throw new FluxError("EISDIR");
    }
  }

  #set(at: WorkDirectory, name: string, value: TreeObject | WorkDirectory | null): void {
    this.#undo.push([at, name, at.changes.get(name)]);
    at.changes.set(name, value);
  }

  /** RFC 11: values that are not small get a blob of their own. */
  #compact(entry: TreeObject): TreeObject {
    if (entry.type !== "val" || entry.data.length <= maxValTextLength) return entry;
    return valref([this.#storeValue(entry)]);
  }

  #storeValue(entry: Val): string {
    let bytes: Uint8Array;
    try {
      bytes = this.#source.decode(entry.data);
    } catch (cause) {
      throw new FluxError("EPROTO", "data of a val is not base64", { cause });
    }
    const ref = this.#source.refOf(bytes);
    this.#blobs.set(ref, bytes);
    return ref;
  }

  /** A dir object as a directory to work on, with everything below it. */
  #unpack(object: Dir): WorkDirectory {
    const made = new WorkDirectory();
    for (const [name, entry] of Object.entries(object.data)) {
      made.changes.set(name, entry.type === "dir" ? this.#unpack(entry) : this.#compact(entry));
    }
    return made;
  }

  /** Store a directory and what changed below it, depth first. Returns its blobref. */
  #store(directory: WorkDirectory, blobs: NewBlobs): string {
    const changes = new Map<string, TreeObject | null>();
    for (const [name, entry] of directory.changes) {
      if (!(entry instanceof WorkDirectory)) {
        changes.set(name, entry);
        continue;
      }
      const ref = this.#store(entry, blobs);
      if (!isDirref(directory.base.get(name), ref)) changes.set(name, dirref(ref));
    }
    if (changes.size === 0 && directory.ref !== undefined) return directory.ref;
    const next = directory.base.with(changes);
    const bytes = next.encode((text) => this.#source.encode(text));
    const ref = this.#source.refOf(bytes);
    blobs.bytes.set(ref, bytes);
    blobs.directories.set(ref, next);
    return ref;
  }
}

function isSymlink(entry: TreeObject | WorkDirectory | null | undefined): entry is Symlink {
  return !!entry && !(entry instanceof WorkDirectory) && entry.type === "symlink";
}

function isDirref(entry: TreeObject | undefined, ref: string): boolean {
  return entry?.type === "dirref" && entry.data[0] === ref;
}

function refOf(data: readonly string[]): string {
  if (data.length !== 1) throw new FluxError("ENOTRECOVERABLE", "dirref of more than one blob");
  return data[0]!;
}
