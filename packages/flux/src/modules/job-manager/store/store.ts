import type { Flux } from "@flux-ts/client/handle";
import { formatJobId, type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { checkTreeObject, type TreeObject, val, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8, encodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import {
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";
import { CommitFlag, KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { Batch } from "../batch.ts";
import { isOver, type StoredJob } from "../restart.ts";

const checkpointKey = "checkpoint.job-manager";
/** Lookups in flight while jobs are loaded: enough to hide their latency. */
const lookupWindow = 64;
/** Levels of directories below `job`: a job id in four groups of digits (RFC 16). */
const idLevels = 4;

/** Jobs in the KVS (RFC 16). */
export class JobStore {
  readonly #flux: Flux;
  /** Without a backing store nothing outlives the instance, so nothing can be made to. */
  #hasBackingStore = true;

  constructor(flux: Flux) {
    this.#flux = flux;
  }

  /** Append the events of a batch. */
  async append(batch: Batch): Promise<void> {
    const ops: Json[] = [];
    for (const [id, lines] of batch.lines) {
      const key = `${formatJobId(id, "kvs")}.eventlog`;
      ops.push({ key, flags: KvsFlag.Append, dirent: val(encodeUtf8(lines)) as JsonObject });
    }
    await this.#commit(ops, { isSync: batch.isSync });
  }

  /** Remove jobs, and keep a checkpoint along with that if there is one to keep. */
  async remove(ids: readonly JobId[], checkpoint?: JsonObject): Promise<void> {
    const ops: Json[] = ids.map((id) => unlink(formatJobId(id, "kvs")));
    if (checkpoint) ops.push(put(checkpointKey, checkpoint));
    await this.#commit(ops, { isSync: false });
  }

  async saveCheckpoint(checkpoint: JsonObject, options: { isSync: boolean }): Promise<void> {
    await this.#commit([put(checkpointKey, checkpoint)], options);
  }

  async checkpoint(): Promise<JsonObject | undefined> {
    const text = await this.#text(checkpointKey);
    return text === undefined ? undefined : (parseJson(text) as JsonObject);
  }

  /** One of a job's keys, such as `jobspec`; undefined if it has none. */
  text(id: JobId, name: string): Promise<string | undefined> {
    return this.#text(`${formatJobId(id, "kvs")}.${name}`);
  }

  /** All job ids, in order. */
  async ids(): Promise<JobId[]> {
    let keys = ["job"];
    for (let level = 0; level < idLevels; level++) {
      const below = await mapInWindow(keys, (key) => this.#directories(key));
      keys = below.flat();
    }
    return keys.map((key) => parseJobId(key));
  }

  /** What the machine needs to know of a job. ENOENT if a part is missing. */
  async load(id: JobId): Promise<StoredJob> {
    const eventlog = await this.#required(id, "eventlog");
    if (isOver(eventlog)) return { id, eventlog };
    const [jobspec, R] = await Promise.all([this.#required(id, "jobspec"), this.text(id, "R")]);
    return { id, eventlog, jobspec, R };
  }

  /** Call `each` for all jobs, in the order of their ids, with an error for those that are broken. */
  async forEach(each: (id: JobId, job: StoredJob | FluxError) => void): Promise<void> {
    const ids = await this.ids();
    // In pieces, so that the texts of all jobs are never in memory at once.
    for (let start = 0; start < ids.length; start += lookupWindow * 16) {
      const piece = ids.slice(start, start + lookupWindow * 16);
      const jobs = await mapInWindow(piece, (id) => this.load(id).catch(asFluxError));
      for (const [index, job] of jobs.entries()) each(piece[index]!, job);
    }
  }

  /** Put a job that cannot be read aside, for somebody to look at. */
  async moveToLostFound(id: JobId): Promise<void> {
    const key = formatJobId(id, "kvs");
    const request = { key, flags: KvsFlag.Treeobj, namespace: primaryNamespace };
    const { val: dirent } = await this.#flux.call(kvs.lookup, request);
    const to = `job-lost+found.job.${formatJobId(id, "f58")}`;
    await this.#commit([{ key: to, flags: 0, dirent }, unlink(key)], { isSync: false });
  }

  async #commit(ops: Json[], { isSync }: { isSync: boolean }): Promise<void> {
    const namespace = primaryNamespace;
    if (isSync && this.#hasBackingStore) {
      try {
        await this.#flux.call(kvs.commit, { namespace, flags: CommitFlag.Sync, ops });
        return;
      } catch (error) {
        if (!isErrno(error, "ENOSYS")) throw error;
        this.#hasBackingStore = false;
      }
    }
    await this.#flux.call(kvs.commit, { namespace, flags: 0, ops });
  }

  async #required(id: JobId, name: string): Promise<string> {
    const text = await this.text(id, name);
    if (text !== undefined) return text;
    throw new FluxError("ENOENT", `lookup ${name}: No such file or directory`);
  }

  async #text(key: string): Promise<string | undefined> {
    const object = await this.#lookup(key, 0);
    return object?.type === "val" ? decodeUtf8(valBytes(object)) : undefined;
  }

  async #directories(key: string): Promise<string[]> {
    const object = await this.#lookup(key, KvsFlag.Readdir);
    if (object?.type !== "dir") return [];
    return Object.entries(object.data)
      .filter(([, { type }]) => type === "dirref" || type === "dir")
      .map(([name]) => `${key}.${name}`)
      .sort();
  }

  async #lookup(key: string, flags: number): Promise<TreeObject | undefined> {
    try {
      const { val: found } = await this.#flux.call(kvs.lookup, {
        key,
        flags,
        namespace: primaryNamespace,
      });
      return checkTreeObject(found);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
  }
}

function put(key: string, value: JsonObject): Json {
  return { key, flags: 0, dirent: val(encodeUtf8(stringifyJson(value))) as JsonObject };
}

function unlink(key: string): Json {
  return { key, flags: 0, dirent: null };
}

function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  throw error;
}

/** The results of `each` for all items, in order, with a limited number of them under way. */
async function mapInWindow<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await each(items[index]!);
    }
  };
  await Promise.all(Array.from({ length: Math.min(lookupWindow, items.length) }, worker));
  return results;
}
