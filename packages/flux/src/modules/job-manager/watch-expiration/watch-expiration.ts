import type { Flux } from "@flux-ts/client/handle";
import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { KvsFlag, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { kvsWatch } from "@flux-ts/protocol/services/kvs-watch";

/**
 * Follow when the instance ends, which is the expiration of its resources: seconds since the epoch, 0 if
 * it does not. Returns what ends it.
 */
export function watchExpiration(flux: Flux, onExpiration: (seconds: number) => void): () => void {
  const request = {
    key: "resource.R",
    flags: KvsFlag.Watch | KvsFlag.Waitcreate,
    namespace: primaryNamespace,
  };
  const sink = {
    next({ val }: { val?: Json | undefined }): void {
      const object = checkTreeObject(val);
      if (object.type !== "val") return;
      const R = parseJson(decodeUtf8(valBytes(object)));
      const expiration = isJsonObject(R) ? dottedValue(R, "execution.expiration") : undefined;
      if (typeof expiration === "number") onExpiration(expiration);
    },
  };
  const following = flux.follow(kvsWatch.lookup, sink, request, { cancel: kvsWatch.cancel });
  return () => following.cancel();
}
