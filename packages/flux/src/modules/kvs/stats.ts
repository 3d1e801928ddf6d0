import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { RunningStats } from "../../plugins/running-stats.ts";
import type { BlobCache } from "./blob-cache.ts";
import type { Hosted } from "./namespaces.ts";

/** Numbers as kvs.stats-get shows them (wire-jobs §2.7). */
export function countStats(stats: RunningStats, scale = 1): JsonObject {
  return {
    count: stats.count,
    min: Math.trunc(stats.min * scale),
    mean: stats.mean * scale,
    stddev: stats.stddev * scale,
    max: Math.trunc(stats.max * scale),
  };
}

export function cacheStats(cache: BlobCache, incomplete: number, faults: number): JsonObject {
  const sizes = new RunningStats();
  let total = 0;
  for (const size of cache.sizes) {
    sizes.push(size);
    total += size;
  }
  return {
    "obj size total (MiB)": total / 1048576,
    "obj size (KiB)": countStats(sizes, 1e-3),
    // What is stored is in the content cache already, which keeps track of dirty blobs.
    "#obj dirty": 0,
    "#obj incomplete": incomplete,
    "#faults": faults,
  };
}

export function namespaceStats(namespaces: Iterable<Hosted<unknown>>): JsonObject {
  return Object.fromEntries(
    Array.from(namespaces, ({ root, queue }) => [
      root.name,
      {
        "#versionwaiters": root.versionWaiterCount,
        "#no-op stores": root.duplicateStores,
        "#transactions": root.commitCount,
        "#readytransactions": queue?.size ?? 0,
        "store revision": root.seq,
      },
    ]),
  );
}
