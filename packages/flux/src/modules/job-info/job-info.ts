import { later, type Request } from "@flux-ts/client/request";
import { parseEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { jobInfo, LookupFlag, WatchFlag } from "@flux-ts/protocol/services/job-info";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { defineModule, type ModuleContext } from "../../plugins/module.ts";
import { JobOwners } from "./job-owners.ts";
import { isUpdatedKey, type UpdatedKey, updatedBy } from "./updates.ts";
import { type Watch, watchEventlog } from "./watch/watch.ts";

const allLookupFlags = LookupFlag.JsonDecode | LookupFlag.Current;
const allWatchFlags = WatchFlag.WaitCreate | WatchFlag.InitialSentinel;
/** Watches open at once on one broker. */
const maxWatches = 100_000;

type AnyRequest = Request<JsonObject> | Request<{ event?: string | undefined }>;

/** Answers what is known of jobs from the KVS (RFC 41), on every rank. */
export default defineModule({
  name: "job-info",
  host: "inline",
  start(context) {
    const service = new JobInfoService(context);
    service.serve();
    return { stop: () => service.stop() };
  },
});

class JobInfoService {
  readonly #context: ModuleContext;
  readonly #owners = new JobOwners();
  readonly #watches = new Map<AnyRequest, Watch>();
  #lookups = 0;
  #updateWatches = 0;
  #guestWatches = 0;

  constructor(context: ModuleContext) {
    this.#context = context;
  }

  serve(): void {
    const { flux } = this.#context;
    flux.serveAll(jobInfo, {
      lookup: ({ id, keys, flags }, request) => this.#lookup(id, keys, flags, request),
      updateLookup: async ({ id, key }, request) => {
        if (key !== "R") throw new FluxError("EINVAL", "update-lookup unsupported key specified");
        return this.#lookup(id, [key], allLookupFlags, request);
      },
      eventlogWatch: ({ id, path, flags }, request) => this.#watch(id, path, flags, request),
      eventlogWatchCancel: ({ matchtag }, client) => this.#cancel(client, matchtag),
      updateWatch: ({ id, key, flags }, request) => this.#updateWatch(id, key, flags, request),
      updateWatchCancel: ({ matchtag }, client) => this.#cancel(client, matchtag),
      statsGet: () => ({
        lookups: this.#lookups,
        watchers: this.#watches.size - this.#guestWatches - this.#updateWatches,
        guest_watchers: this.#guestWatches,
        update_lookups: 0,
        update_watchers: this.#updateWatches,
      }),
      disconnect: (_args, client) => this.#disconnect(client.sender),
    });
  }

  stop(): void {
    for (const [request, watch] of this.#watches) {
      watch.cancel();
      request.fail(new FluxError("ENOSYS"));
    }
  }

  async #lookup(
    id: JobId,
    keys: readonly string[],
    flags: number,
    request: Request<JsonObject>,
  ): Promise<JsonObject> {
    if (flags & ~allLookupFlags) {
      throw new FluxError("EPROTO", "lookup request rejected with invalid flag");
    }
    this.#lookups++;
    try {
      const owner = await this.#authorize(id, request);
      const values = await Promise.all(keys.map((key) => this.#value(id, key, flags, owner)));
      return { id, ...Object.fromEntries(keys.map((key, i) => [key, values[i]])) };
    } finally {
      this.#lookups--;
    }
  }

  /** Refuse other users' jobs with EPERM. Returns the eventlog if it was read on the way. */
  async #authorize(id: JobId, request: AnyRequest): Promise<string | undefined> {
    if (request.isOwner) return undefined;
    let owner = this.#owners.of(id);
    let eventlog: string | undefined;
    if (owner === undefined) {
      eventlog = await this.#read(id, "eventlog");
      owner = this.#owners.learn(id, eventlog);
    }
    if (!request.isOwnerOr(owner)) {
      throw new FluxError("EPERM", "access is restricted to job/instance owner");
    }
    return eventlog;
  }

  async #value(id: JobId, key: string, flags: number, eventlog?: string): Promise<Json> {
    const text =
      key === "eventlog" && eventlog !== undefined ? eventlog : await this.#read(id, key);
    if (!isUpdatedKey(key)) return text;
    const current = flags & LookupFlag.Current;
    if (!current && !(flags & LookupFlag.JsonDecode)) return text;
    let object = parseJson(text) as JsonObject;
    if (current) object = applyAll(key, object, eventlog ?? (await this.#read(id, "eventlog")));
    // Text was asked for; what was updated has to be printed again.
    return flags & LookupFlag.JsonDecode ? object : JSON.stringify(object);
  }

  async #read(id: JobId, key: string): Promise<string> {
    const path = `${formatJobId(id, "kvs")}.${key}`;
    try {
      const request = { key: path, flags: 0, namespace: primaryNamespace };
      const object = checkTreeObject((await this.#context.flux.call(kvs.lookup, request)).val);
      if (object.type !== "val") throw new FluxError("EISDIR", `${key}: not a value`);
      return decodeUtf8(valBytes(object));
    } catch (error) {
      // A guest's key: its namespace was never made, or is gone before its copy is there.
      const isMissing = isErrno(error, "ENOENT") || isErrno(error, "ENOTSUP");
      if (!isMissing) throw error;
      throw new FluxError("ENOENT", await this.#missingText(id, key));
    }
  }

  async #missingText(id: JobId, key: string): Promise<string> {
    if (key === "eventlog") return "invalid job id";
    const request = {
      key: `${formatJobId(id, "kvs")}.eventlog`,
      flags: 0,
      namespace: primaryNamespace,
    };
    const exists = await this.#context.flux.call(kvs.lookup, request).then(
      () => true,
      () => false,
    );
    return exists ? `${key}: key not found` : "invalid job id";
  }

  async #watch(
    id: JobId,
    path: string,
    flags: number,
    request: Request<{ event?: string | undefined }>,
  ): Promise<typeof later> {
    if (flags & ~allWatchFlags) {
      throw new FluxError("EPROTO", "eventlog-watch request rejected with invalid flag");
    }
    if (path === "") throw new FluxError("EPROTO", "eventlog-watch path must not be empty");
    await this.#authorize(id, request);
    this.#admit();
    const isGuest = path.startsWith("guest.");
    if (isGuest) this.#guestWatches++;
    const options = {
      id,
      path,
      waitCreate: (flags & WatchFlag.WaitCreate) !== 0,
      sentinel: (flags & WatchFlag.InitialSentinel) !== 0,
    };
    const watch = watchEventlog(this.#context.flux, options, {
      line: (event) => request.respond({ event }),
      sentinel: () => request.respondPayload(undefined),
      end: (error) => {
        this.#end(request, error);
        if (isGuest) this.#guestWatches--;
      },
    });
    if (!request.ended) this.#watches.set(request, watch);
    return later;
  }

  async #updateWatch(
    id: JobId,
    key: string,
    flags: number,
    request: Request<JsonObject>,
  ): Promise<typeof later> {
    if (!isUpdatedKey(key)) {
      throw new FluxError("EINVAL", "update-watch unsupported key specified");
    }
    if (flags !== 0)
      throw new FluxError("EPROTO", "update-watch request rejected with invalid flag");
    await this.#authorize(id, request);
    this.#admit();
    let object = parseJson(await this.#read(id, key)) as JsonObject;
    let isPast = true;
    this.#updateWatches++;
    const options = { id, path: "eventlog", waitCreate: false, sentinel: true };
    const watch = watchEventlog(this.#context.flux, options, {
      line: (text) => {
        const updated = updatedBy(key, object, parseEntry(text));
        if (!updated) return;
        object = updated;
        if (!isPast) request.respond({ [key]: object });
      },
      sentinel: () => {
        isPast = false;
        request.respond({ [key]: object });
      },
      end: (error) => {
        // A job that is over has no sentinel: its last event ended the watch before.
        if (isPast && !error) request.respond({ [key]: object });
        this.#end(request, error);
        this.#updateWatches--;
      },
    });
    if (!request.ended) this.#watches.set(request, watch);
    return later;
  }

  #admit(): void {
    if (this.#watches.size >= maxWatches)
      throw new FluxError("EAGAIN", "too many watches are open");
  }

  #end(request: AnyRequest, error?: FluxError): void {
    this.#watches.delete(request);
    if (error) request.fail(error);
    else request.end();
  }

  #cancel(client: { sender: string }, matchtag: number): void {
    for (const [request, watch] of [...this.#watches]) {
      if (request.sender !== client.sender || request.matchtag !== matchtag) continue;
      watch.cancel();
      this.#end(request);
    }
  }

  #disconnect(sender: string): void {
    for (const [request, watch] of [...this.#watches]) {
      if (request.sender !== sender) continue;
      watch.cancel();
      this.#watches.delete(request);
    }
  }
}

function applyAll(key: UpdatedKey, object: JsonObject, eventlog: string): JsonObject {
  let current = object;
  for (const entry of parseEventlog(eventlog)) current = updatedBy(key, current, entry) ?? current;
  return isJsonObject(current) ? current : object;
}
