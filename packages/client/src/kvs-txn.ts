import { normalizeKey } from "@flux-ts/protocol/kvs/key";
import {
  checkTreeObject,
  dir,
  symlink,
  type TreeObject,
  type Val,
} from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";

/** What a commit does to one key, as it travels. */
export interface KvsOperation {
  readonly key: string;
  readonly flags: number;
  readonly dirent: TreeObject | null;
}

/** Changes to the KVS that take effect together, in the order they are listed. */
export class KvsTxn {
  readonly #operations: KvsOperation[] = [];

  get operations(): readonly KvsOperation[] {
    return this.#operations;
  }

  get isEmpty(): boolean {
    return this.#operations.length === 0;
  }

  /** Set a value: text is stored as UTF-8. */
  put(key: string, value: string | Uint8Array): this {
    return this.#add(key, 0, valueObject(value));
  }

  /** Add to the end of a value. */
  append(key: string, value: string | Uint8Array): this {
    return this.#add(key, KvsFlag.Append, valueObject(value));
  }

  /** Put a tree object (RFC 11) as it is. EPROTO if it is none. */
  putTreeObject(key: string, object: TreeObject): this {
    return this.#add(key, 0, checkTreeObject(object as unknown as Json, key));
  }

  /** Make an empty directory. */
  mkdir(key: string): this {
    return this.#add(key, 0, dir());
  }

  /** Remove a key and what is below it. */
  unlink(key: string): this {
    return this.#add(key, 0, null);
  }

  /** Make a link at `key` to `target`, which may be in another namespace. */
  symlink(key: string, target: string, namespace?: string): this {
    return this.#add(key, 0, symlink(target, namespace));
  }

  /**
   * The operations with appends to the same key joined. EINVAL if such a key is also put or unlinked:
   * joining would change the outcome.
   */
  compacted(): KvsOperation[] {
    const appends = new Map<string, Val[]>();
    for (const { key, flags, dirent } of this.#operations) {
      if (dirent?.type === "val" && (flags & KvsFlag.Append) !== 0) {
        appends.set(key, [...(appends.get(key) ?? []), dirent]);
      } else if (appends.has(key)) {
        throw new FluxError("EINVAL", `${key}: appends cannot be joined across other changes`);
      }
    }
    const compacted: KvsOperation[] = [];
    for (const operation of this.#operations) {
      const parts = (operation.flags & KvsFlag.Append) !== 0 && appends.get(operation.key);
      if (!parts) compacted.push(operation);
      else if (parts.length > 0) {
        compacted.push({ ...operation, dirent: joined(parts) });
        appends.set(operation.key, []);
      }
    }
    return compacted;
  }

  #add(key: string, flags: number, dirent: TreeObject | null): this {
    if (normalizeKey(key) === "") throw new FluxError("EINVAL", "key is empty");
    this.#operations.push({ key: normalizeKey(key), flags, dirent });
    return this;
  }
}

/** A value as a tree object. */
export function valueObject(value: string | Uint8Array): Val {
  const bytes =
    typeof value === "string"
      ? Buffer.from(value)
      : Buffer.from(value.buffer, value.byteOffset, value.length);
  return { ver: 1, type: "val", data: bytes.toString("base64") };
}

function joined(parts: readonly Val[]): Val {
  if (parts.length === 1) return parts[0]!;
  return valueObject(Buffer.concat(parts.map(({ data }) => Buffer.from(data, "base64"))));
}
