import { checkTreeObject, type TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { CommitFlag, KvsFlag, kvsOperation } from "@flux-ts/protocol/services/kvs";

/** What a commit does to one key. */
export interface Operation {
  readonly key: string;
  readonly isAppend: boolean;
  /** Null: unlink. */
  readonly dirent: TreeObject | null;
}

/** One commit as it was asked for. */
export interface Transaction {
  /** `transaction_req.RANK.N`: what events call it by. */
  readonly name: string;
  readonly operations: readonly Operation[];
  readonly isSync: boolean;
  /** Is to have a root of its own. */
  readonly isAlone: boolean;
}

/** A transaction from the arguments of a commit. Throws as parseOperation does. */
export function parseTransaction(name: string, flags: number, ops: readonly Json[]): Transaction {
  return {
    name,
    operations: ops.map(parseOperation),
    isSync: (flags & CommitFlag.Sync) !== 0,
    isAlone: (flags & CommitFlag.NoMerge) !== 0,
  };
}

/** EPROTO: not an operation at all; EINVAL: what it puts is no tree object. */
function parseOperation(op: Json): Operation {
  const { key, flags, dirent } = kvsOperation.check(op, "kvs.commit.ops");
  const isAppend = (flags & KvsFlag.Append) !== 0;
  if (dirent === null) return { key, isAppend, dirent };
  try {
    return { key, isAppend, dirent: checkTreeObject(dirent, key) };
  } catch (cause) {
    throw new FluxError("EINVAL", cause instanceof Error ? cause.message : key, { cause });
  }
}

/**
 * Guests may put values and empty directories and unlink things; references and links could make other
 * people's data theirs. EPERM otherwise.
 */
export function authorizeGuest(ops: readonly Json[]): void {
  for (const op of ops) {
    const { dirent } = kvsOperation.check(op, "kvs.commit.ops");
    if (typeof dirent !== "object" || dirent === null || Array.isArray(dirent)) {
      if (dirent === null) continue;
      throw new FluxError("EPERM", "guests may not commit ??? objects");
    }
    const { type, data } = dirent;
    const isEmpty = typeof data === "object" && data !== null && Object.keys(data).length === 0;
    if (type === "val" || (type === "dir" && isEmpty)) continue;
    const kind = typeof type === "string" ? type : "???";
    const what = type === "dir" ? `non-empty ${kind}` : kind;
    throw new FluxError("EPERM", `guests may not commit ${what} objects`);
  }
}
