import { later, type Request } from "@flux-ts/client/request";
import { normalizeKey } from "@flux-ts/protocol/kvs/key";
import type { TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { isOwnerOr } from "@flux-ts/protocol/message/credential";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { content } from "@flux-ts/protocol/services/content";
import {
  kvs,
  type LookupRequest,
  namespaceCreatedEvent,
  namespaceTopic,
  setrootEvent,
} from "@flux-ts/protocol/services/kvs";
import { kvsWatch } from "@flux-ts/protocol/services/kvs-watch";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { checkWatchFlags } from "./flags.ts";
import { Monitor, type NamespaceVersion } from "./monitor.ts";
import { type Found, type WatchEffect, Watcher } from "./watcher.ts";

type WatchRequest = Request<{ val?: Json | undefined }>;

/** A watcher and who it is for. */
interface Watching {
  readonly watcher: Watcher;
  readonly request: WatchRequest;
  readonly namespace: string;
}

/** Follows keys of the KVS for clients of this rank (wire-jobs §2.6). */
class KvsWatchService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #monitors = new Map<string, Monitor>();
  /** By client and matchtag. */
  readonly #watching = new Map<string, Watching>();
  readonly #byWatcher = new WeakMap<Watcher, Watching>();

  constructor(context: ModuleContext) {
    this.#context = context;
    context.flux.serveAll(kvsWatch, {
      lookup: (args, request) => {
        checkWatchFlags(args.flags, request.isStreaming);
        this.#watch(args, request);
        return later;
      },
      cancel: ({ matchtag }, client) => {
        const watching = this.#watching.get(`${client.sender}:${matchtag}`);
        if (!watching || !isOwnerOr(client, watching.request.userid)) return;
        this.#perform(watching, watching.watcher.end(new FluxError("ENODATA")));
      },
      disconnect: (_, client) => {
        for (const watching of [...this.#watching.values()]) {
          const { request } = watching;
          if (request.sender !== client.sender || !isOwnerOr(client, request.userid)) continue;
          watching.watcher.end(new FluxError("ENODATA"));
          this.#forget(watching);
        }
      },
    });
  }

  async start(): Promise<void> {
    await this.#context.flux.subscribe(namespaceTopic, (topic, payload) => {
      const end = topic.lastIndexOf("-");
      const name = topic.slice(namespaceTopic.length, end);
      const monitor = this.#monitors.get(name);
      if (monitor) this.#onEvent(name, monitor, topic.slice(end + 1), payload);
    });
  }

  stop(): void {
    for (const { request } of this.#watching.values()) request.fail(new FluxError("ENOSYS"));
  }

  stats(): JsonObject {
    const namespaces: JsonObject = {};
    for (const [name, { version, size }] of this.#monitors) {
      namespaces[name] = {
        owner: version?.owner ?? -1,
        rootseq: version?.seq ?? -1,
        rootref: version?.ref ?? "(null)",
        watchers: size,
      };
    }
    return {
      watchers: this.#watching.size,
      "namespace-count": this.#monitors.size,
      namespaces,
    };
  }

  #watch(args: { key: string; namespace: string; flags: number }, request: WatchRequest): void {
    const { namespace, flags } = args;
    const watcher = new Watcher({ namespace, key: normalizeKey(args.key), flags });
    const watching = { watcher, request, namespace };
    this.#watching.set(idOf(request), watching);
    this.#byWatcher.set(watcher, watching);
    const monitor = this.#monitors.get(namespace) ?? new Monitor();
    this.#monitors.set(namespace, monitor);
    monitor.add(watcher);
    if (monitor.version) this.#tell(watching, monitor.version);
    // Others may wait for the namespace to be made, which is no reason for this client to.
    else void this.#getroot(namespace, monitor);
  }

  /** Read the present version, so that the first response need not wait for the next commit. */
  async #getroot(name: string, monitor: Monitor): Promise<void> {
    try {
      const root = await this.#context.flux.call(kvs.getroot, { namespace: name });
      const { owner, rootref, rootseq } = root;
      this.#update(monitor, { owner, ref: rootref, seq: rootseq });
    } catch (error) {
      if (monitor.version) return;
      const isMissing = isErrno(error, "ENOTSUP");
      for (const watcher of monitor.watchers) {
        if (!(isMissing && watcher.isWaiting)) this.#end(watcher, asFluxError(error));
      }
    }
  }

  #onEvent(name: string, monitor: Monitor, word: string, payload: () => JsonObject): void {
    switch (word) {
      case "created": {
        if (monitor.version) return;
        const event = namespaceCreatedEvent.check(payload(), name);
        this.#update(monitor, { owner: event.owner, ref: event.rootref, seq: event.rootseq });
        return;
      }
      case "setroot": {
        const { owner, rootref, rootseq, keys } = setrootEvent.check(payload(), name);
        this.#update(monitor, { owner, ref: rootref, seq: rootseq, keys });
        return;
      }
      case "removed":
        for (const watcher of monitor.watchers) this.#end(watcher, new FluxError("ENOTSUP"));
        return;
    }
  }

  #update(monitor: Monitor, version: NamespaceVersion): void {
    for (const watcher of monitor.update(version)) {
      const watching = this.#byWatcher.get(watcher);
      if (watching) this.#tell(watching, version);
    }
  }

  #tell(watching: Watching, version: NamespaceVersion): void {
    const { watcher, request } = watching;
    if (isOwnerOr(request, version.owner)) this.#perform(watching, watcher.rootChanged(version));
    else this.#end(watcher, new FluxError("EPERM"));
  }

  #end(watcher: Watcher, error: FluxError): void {
    const watching = this.#byWatcher.get(watcher);
    if (watching) this.#perform(watching, watcher.end(error));
  }

  #perform(watching: Watching, effects: readonly WatchEffect[]): void {
    const { request, watcher } = watching;
    for (const effect of effects) {
      switch (effect.do) {
        case "lookup":
          void this.#lookup(watching, effect.id, effect.request);
          break;
        case "load":
          void this.#load(watching, effect.id, effect.ref);
          break;
        case "respond":
          request.respond({ val: effect.value });
          break;
        case "sentinel":
          request.respondPayload(undefined);
          break;
        case "end":
          request.fail(effect.error);
          break;
      }
    }
    if (watcher.isEnded) this.#forget(watching);
  }

  async #lookup(watching: Watching, id: number, request: LookupRequest): Promise<void> {
    let result: Found | FluxError;
    try {
      // The key may lead into other namespaces: it is for the KVS to say what this client may read.
      const { userid, rolemask } = watching.request;
      const credential = { userid, rolemask };
      const found = await this.#context.flux.call(kvs.lookupPlus, request, { credential });
      result = { value: found.val as TreeObject | undefined, seq: found.rootseq };
    } catch (error) {
      result = asFluxError(error);
    }
    this.#perform(watching, watching.watcher.lookedUp(id, result));
  }

  async #load(watching: Watching, id: number, ref: string): Promise<void> {
    let result: Uint8Array | FluxError;
    try {
      const digest = Buffer.from(ref.slice(ref.indexOf("-") + 1), "hex");
      result = await this.#context.flux.call(content.load, digest);
    } catch (error) {
      result = new FluxError(asFluxError(error).errnum, "failed to load content data");
    }
    this.#perform(watching, watching.watcher.loaded(id, result));
  }

  #forget(watching: Watching): void {
    const { watcher, request, namespace } = watching;
    const id = idOf(request);
    // The client may use the matchtag of an ended request again.
    if (this.#watching.get(id) === watching) this.#watching.delete(id);
    const monitor = this.#monitors.get(namespace);
    monitor?.delete(watcher);
    if (monitor?.size === 0) this.#monitors.delete(namespace);
  }
}

const idOf = (request: WatchRequest): string => `${request.sender}:${request.matchtag}`;

function asFluxError(error: unknown): FluxError {
  return error instanceof FluxError ? error : new FluxError("EIO", String(error));
}

export default defineModule({
  name: "kvs-watch",
  host: "inline",
  async start(context) {
    const service = new KvsWatchService(context);
    await service.start();
    return service;
  },
});
