import type { Flux } from "@flux-ts/client/handle";
import { Kvs, type KvsVersion, snapshot } from "@flux-ts/client/kvs";
import { encodeTreeObject, parseTreeObject, type TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { Environment } from "../../environment.ts";
import { flag, text } from "../../option.ts";
import type { Output } from "../../output/output.ts";

/** `-N, --namespace`. */
export const namespaceOption = text("-N, --namespace=", "Specify KVS namespace to use.");

/** `-a, --at`. */
export const atOption = text("-a, --at=", "Lookup relative to RFC 11 snapshot reference");

/** What a command prints of the version it has committed; `what` is in it. */
export function rootOptions(what: string) {
  return {
    treeobjRoot: flag("-O, --treeobj-root", `Output resulting RFC11 root containing ${what}`),
    blobref: flag("-b, --blobref", `Output blobref of root containing ${what}`),
    sequence: flag("-s, --sequence", `Output root sequence of root containing ${what}`),
  };
}

export interface RootChoice {
  readonly treeobjRoot: boolean;
  readonly blobref: boolean;
  readonly sequence: boolean;
}

export function printRoot(out: Output, version: KvsVersion, choice: RootChoice): void {
  if (choice.treeobjRoot) out.line(encodeTreeObject(snapshot(version)));
  else if (choice.blobref) out.line(version.rootref);
  else if (choice.sequence) out.line(String(version.rootseq));
}

/** flux-core names the function that it has called. */
export function failureOf(options: RootChoice): string {
  if (options.treeobjRoot) return "flux_kvs_commit_get_treeobj";
  if (options.blobref) return "flux_kvs_commit_get_rootref";
  return options.sequence ? "flux_kvs_commit_get_sequence" : "flux_kvs_commit";
}

/** The KVS in the namespace of `--namespace`, of the environment, or the primary one. */
export function kvsOf(flux: Flux, namespace: string | undefined, env: Environment): Kvs {
  return new Kvs(flux, namespace ?? env.FLUX_KVS_NAMESPACE ?? primaryNamespace);
}

/** The snapshot that `--at` names. EINVAL if it is no tree object. */
export function snapshotOf(at: string | undefined): TreeObject | undefined {
  if (at === undefined) return undefined;
  try {
    return parseTreeObject(at);
  } catch (cause) {
    throw new FluxError("EINVAL", undefined, { cause });
  }
}

/** Bytes up to the first NUL: what a C program takes for the text of a value. */
export function textBytes(value: Uint8Array): Uint8Array {
  const end = value.indexOf(0);
  return end < 0 ? value : value.subarray(0, end);
}
