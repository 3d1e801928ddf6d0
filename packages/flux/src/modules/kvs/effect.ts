import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Commit } from "./commit-queue.ts";
import type { Hosted } from "./namespaces.ts";

/** A version of a namespace, as responses and events have it. */
export interface Version {
  readonly rootseq: number;
  readonly rootref: string;
}

export const versionOf = ({ seq, ref }: { seq: number; ref: string }): Version => ({
  rootseq: seq,
  rootref: ref,
});

/** What the driver has to do when the state of a namespace has changed. */
export type Effect<Waiter> =
  | { readonly do: "answer"; readonly waiters: readonly Waiter[]; readonly version: Version }
  | { readonly do: "fail"; readonly waiters: readonly Waiter[]; readonly errnum: number }
  /** Tell all ranks: event `kvs.namespace-NAMESPACE-WORD`. */
  | {
      readonly do: "publish";
      readonly namespace: string;
      readonly word: "setroot" | "error" | "created" | "removed";
      readonly event: JsonObject;
    }
  /** Load directories, then report `loaded`. */
  | { readonly do: "load"; readonly hosted: Hosted<Waiter>; readonly refs: readonly string[] }
  /** Store the blobs of these commits in one go, then report `stored` or `failed`. */
  | { readonly do: "store"; readonly commits: readonly PendingCommit<Waiter>[] }
  /** Record a root of the primary namespace, then report `checkpointed` or `checkpointFailed`. */
  | { readonly do: "checkpoint"; readonly root: Version };

/** A commit whose blobs are on their way to the content store. */
export interface PendingCommit<Waiter> {
  readonly hosted: Hosted<Waiter>;
  readonly commit: Commit;
}
