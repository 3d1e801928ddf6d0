import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Module arguments of content (wire-jobs §1.3). */
export interface ContentOptions {
  purgeTargetBytes: number;
  purgeOldSeconds: number;
  flushBatchLimit: number;
  blobSizeLimit: number;
}

const names: Record<string, keyof ContentOptions> = {
  "purge-target-size": "purgeTargetBytes",
  "purge-old-entry": "purgeOldSeconds",
  "flush-batch-limit": "flushBatchLimit",
  "blob-size-limit": "blobSizeLimit",
};

/** EINVAL for an argument that is unknown or not a number of 32 bits. */
export function parseContentOptions(args: readonly string[]): ContentOptions {
  const options: ContentOptions = {
    // A quarter of what flux-core keeps: the KVS has a cache of its own.
    purgeTargetBytes: 4 * 1024 * 1024,
    purgeOldSeconds: 10,
    flushBatchLimit: 256,
    blobSizeLimit: 1024 * 1024 * 1024,
  };
  for (const arg of args) {
    const equals = arg.indexOf("=");
    const name = names[arg.slice(0, Math.max(0, equals))];
    if (!name) throw new FluxError("EINVAL", `unknown module option: ${arg}`);
    const digits = arg.slice(equals + 1);
    if (!/^\d+$/.test(digits) || Number(digits) > 0xffffffff) {
      throw new FluxError("EINVAL", `error parsing ${arg}`);
    }
    options[name] = Number(digits);
  }
  return options;
}
