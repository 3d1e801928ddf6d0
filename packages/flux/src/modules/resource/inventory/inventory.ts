import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Flux, Following } from "@flux-ts/client/handle";
import { parseJobId } from "@flux-ts/protocol/job/fluid";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { encodeR, parseR, parseRText, toR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { renamed } from "@flux-ts/protocol/rpc/method";
import { type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { resource } from "@flux-ts/protocol/services/resource";
import type { Severity } from "../../../plugins/module.ts";
import type { ResourceLog } from "../eventlog/eventlog.ts";
import type { ResourceOptions } from "../resource-options.ts";
import type { Store } from "../store/store.ts";
import { resourcesOfXml } from "../topology/topology.ts";
import { checkRanks, fromConfiguration, fromEnclosing } from "./convert.ts";

/** How the resources became known (RFC 44 resource-define). */
export type DefineMethod = "configuration" | "dynamic-discovery" | "reload" | "job-info" | "kvs";

const key = "resource.R";

export interface InventoryParts {
  readonly flux: Flux;
  readonly rank: number;
  readonly size: number;
  readonly options: ResourceOptions;
  /** The instance's hosts by rank. */
  readonly hostlist: string | undefined;
  /** `[bootstrap]` is configured, so that hosts tell ranks. */
  readonly hasBootstrap: boolean;
  /** On rank 0. */
  readonly store: Store | undefined;
  readonly log: ResourceLog | undefined;
  /** The restart event was posted: it comes before the others (RFC 44). */
  readonly restarted: Promise<void>;
  inform(severity: Severity, text: string): void;
}

/** The instance's resource set (RFC 20): where it comes from, and its changes. */
export class Inventory {
  readonly #parts: InventoryParts;
  #set: ResourceSet | undefined;
  #method: string | undefined;
  /** End of the enclosing instance's allocation, for resources that are discovered all the same. */
  #inheritedExpiration = 0;
  #watch: Following | undefined;
  #settled: Promise<void> = Promise.resolve();

  constructor(parts: InventoryParts) {
    this.#parts = parts;
  }

  get resources(): ResourceSet | undefined {
    return this.#set;
  }

  get method(): string | undefined {
    return this.#method;
  }

  /** Resolves when others know of the resources, if there are any. */
  get settled(): Promise<void> {
    return this.#settled;
  }

  /** R for peers. */
  get R(): JsonObject | undefined {
    return this.#set && toR(this.#set);
  }

  /**
   * Take resources from the configuration, the KVS of an earlier life of the module, or the
   * enclosing instance. Without any, they stay unknown until they were discovered.
   */
  async load(parent: { flux: Flux; jobid: string } | undefined): Promise<void> {
    const configured = this.#configured();
    if (this.#parts.rank !== 0) {
      if (configured) this.#set = configured;
      else await this.#fromUpstream();
      return;
    }
    if (configured) return void this.#put(configured, "configuration");
    const stored = await this.#parts.store?.get(key);
    if (stored !== undefined) return void this.#put(parseRText(stored), "kvs");
    if (parent) await this.#fromParent(parent.flux, parent.jobid);
  }

  /** All brokers have reported what they have. */
  onDiscovered(set: ResourceSet): void {
    if (!this.#set) void this.#put(set, "dynamic-discovery");
  }

  serve(flux: Flux, isBusy: () => boolean): void {
    flux.serve(resource.get, () => {
      if (!this.#set) throw new FluxError("ENOENT");
      return { R: toR(this.#set), method: this.#method ?? "" };
    });
    flux.serve(resource.reload, async ({ path, xml, force }) => {
      this.#leaderOnly("reload");
      const set = xml ? loadXmlDirectory(path) : loadFile(path);
      try {
        checkRanks(set, this.#parts.size);
      } catch (error) {
        if (!force) throw error;
        this.#parts.inform(3, `WARN: ${error instanceof Error ? error.message : error}`);
      }
      if (isBusy()) throw new FluxError("EBUSY", "resources are busy (unload scheduler?)");
      await this.#put(set, "reload");
    });
    flux.serve(resource.expirationUpdate, ({ expiration }) => {
      this.#leaderOnly("expiration-update");
      void this.#updateExpiration(expiration);
    });
  }

  stop(): void {
    this.#watch?.cancel();
  }

  #leaderOnly(name: string): void {
    if (this.#parts.rank === 0) return;
    throw new FluxError("ENOSYS", `resource.${name} is only available on rank 0`);
  }

  #configured(): ResourceSet | undefined {
    const { options, rank, hostlist, hasBootstrap } = this.#parts;
    const { configured, path, schedulingPath } = options;
    let set = configured;
    if (!set && path !== undefined) set = parseR(readJson(path));
    if (!set) return undefined;
    const converted = fromConfiguration(set, hasBootstrap ? hostlist : undefined);
    // Only the scheduler reads it, and that runs on rank 0.
    if (schedulingPath !== undefined && rank === 0) {
      converted.scheduling = readJson(schedulingPath) as JsonObject;
    }
    return converted;
  }

  /** The set is in force at once; others hear of it when it is in the KVS. */
  #put(set: ResourceSet, method: DefineMethod): Promise<void> {
    if (this.#inheritedExpiration > 0) set.expiration = this.#inheritedExpiration;
    this.#set = set;
    this.#method = method;
    this.#settled = this.#announce(set, method);
    return this.#settled;
  }

  async #announce(set: ResourceSet, method: DefineMethod): Promise<void> {
    const { store, log, restarted, inform } = this.#parts;
    try {
      await store?.put(key, encodeR(set));
      await restarted;
      await log?.post("resource-define", { method }, { keep: "volatile" });
    } catch (error) {
      inform(3, `error committing R to KVS: ${error instanceof Error ? error.message : error}`);
    }
  }

  async #updateExpiration(expiration: number): Promise<void> {
    const { store, log, inform } = this.#parts;
    if (!this.#set) return;
    this.#set = Object.assign(this.#set.clone(), { expiration });
    try {
      await store?.put(key, encodeR(this.#set));
      await log?.post("resource-update", { expiration }, { keep: "volatile" });
    } catch (error) {
      inform(
        3,
        `failed to commit updated R to kvs: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  async #fromUpstream(): Promise<void> {
    try {
      const found = await this.#parts.flux.call(resource.get, undefined, {
        nodeid: nodeidUpstream,
      });
      this.#set = parseR(found.R);
      this.#method = found.method;
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
    }
  }

  async #fromParent(parent: Flux, jobid: string): Promise<void> {
    const { options, inform } = this.#parts;
    const id = parseJobId(jobid);
    // A test's way of having an enclosing instance that is too old.
    const method = options.noUpdateWatch
      ? renamed(jobInfo.updateWatch, "job-info.update-watch-fake")
      : jobInfo.updateWatch;
    let first: JsonObject;
    try {
      first = await this.#follow(parent, method, id);
    } catch (error) {
      if (!isErrno(error, "ENOSYS")) throw error;
      inform(7, `no support for ${method.topic} in parent, falling back to job-info.lookup`);
      const { R } = await parent.call(jobInfo.lookup, { id, keys: ["R"], flags: 0 });
      first = { R: typeof R === "string" ? parseJson(R) : R };
    }
    this.#adopt(parseR(first.R));
  }

  #adopt(job: ResourceSet): void {
    const { options, size, hostlist, inform } = this.#parts;
    const set = fromEnclosing(job, size, hostlist);
    if (options.rediscover) this.#inheritedExpiration = job.expiration;
    else if (set) void this.#put(set, "job-info");
    else {
      const text = `cannot map ${job.nnodes} ranks of R to ${size} brokers`;
      inform(7, `${text}, falling back to discovery`);
      this.#watch?.cancel();
    }
  }

  /** The first response; later ones bring a new end of the allocation. */
  #follow(parent: Flux, method: typeof jobInfo.updateWatch, id: bigint): Promise<JsonObject> {
    return new Promise((resolve, reject) => {
      let isFirst = true;
      this.#watch = parent.follow(
        method,
        {
          next: (response) => {
            if (isFirst) resolve(response);
            else void this.#updateExpiration(parseR(response.R).expiration);
            isFirst = false;
          },
          end: (error) => reject(error ?? new FluxError("ENODATA", "R of the job is missing")),
        },
        { id: id as ReturnType<typeof parseJobId>, key: "R", flags: 0 },
        { cancel: jobInfo.updateWatchCancel },
      );
    });
  }
}

function readJson(path: string): Json {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (cause) {
    throw new FluxError("ENOENT", `${path}:-1 unable to open ${path}: ${reason(cause)}`, { cause });
  }
  try {
    return parseJson(text);
  } catch (cause) {
    throw new FluxError("EPROTO", `${path}: ${reason(cause)}`, { cause });
  }
}

function loadFile(path: string): ResourceSet {
  const json = readJson(path);
  try {
    return parseR(json);
  } catch (cause) {
    throw new FluxError("EINVAL", `${path}: ${reason(cause)}`, { cause });
  }
}

/** R of a directory of `<rank>.xml` files. */
function loadXmlDirectory(path: string): ResourceSet {
  let names: string[];
  try {
    names = readdirSync(path).filter((name) => /^\d+\.xml$/.test(name));
  } catch (cause) {
    throw new FluxError("ENOENT", `${path}: ${reason(cause)}`, { cause });
  }
  try {
    const sets = names.map((name) =>
      resourcesOfXml(Number.parseInt(name, 10), readFileSync(join(path, name), "utf8")),
    );
    const [first, ...others] = sets;
    for (const set of others) first?.append(set);
    if (first) return first;
  } catch (cause) {
    const text = `error building R from hwloc XML: ${reason(cause)}`;
    throw new FluxError("EINVAL", text, { cause });
  }
  throw new FluxError("EINVAL", `${path}: invalid directory: no XML input files found`);
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "No such file or directory";
  if (code === "EACCES") return "Permission denied";
  return error.message;
}
