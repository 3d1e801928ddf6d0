import { FluxError } from "@flux-ts/protocol/rpc/error";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";

const watchKinds =
  KvsFlag.WatchFull | KvsFlag.WatchUniq | KvsFlag.WatchAppend | KvsFlag.WatchInitialSentinel;

/** EPROTO: many responses are asked for without the streaming flag; EINVAL: flags that do not fit. */
export function checkWatchFlags(flags: number, isStreaming: boolean): void {
  const watch = (flags & KvsFlag.Watch) !== 0;
  const stream = (flags & KvsFlag.Stream) !== 0;
  if ((watch || stream) && !isStreaming) {
    const what = watch ? "watch" : "stream";
    throw new FluxError("EPROTO", `KVS ${what} request rejected without streaming RPC flag`);
  }
  if (watch && stream) {
    throw new FluxError("EINVAL", "Cannot KVS watch and stream at the same time");
  }
  if (!watch && (flags & watchKinds) !== 0) {
    throw new FluxError("EINVAL", "Must set KVS watch flag with other watch flags");
  }
  const sentinel = (flags & KvsFlag.WatchInitialSentinel) !== 0;
  if (sentinel && (flags & KvsFlag.WatchAppend) === 0) {
    throw new FluxError("EINVAL", "Must set KVS watch append flag with initial sentinel flag");
  }
}
