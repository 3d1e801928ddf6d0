import { hash } from "node:crypto";
import { type Later, later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { type HashName, isHashName } from "@flux-ts/protocol/kvs/blobref";
import type { TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { type Credential, isOwnerOr } from "@flux-ts/protocol/message/credential";
import { MessageFlag, nodeidUpstream, useridUnknown } from "@flux-ts/protocol/message/message";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { content } from "@flux-ts/protocol/services/content";
import { heartbeatPulse } from "@flux-ts/protocol/services/heartbeat";
import {
  kvs,
  type LookupRequest,
  namespaceTopic,
  primaryNamespace,
} from "@flux-ts/protocol/services/kvs";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { RunningStats } from "../../plugins/running-stats.ts";
import { BlobCache } from "./blob-cache.ts";
import { BlobCodec } from "./blob-codec.ts";
import { checkpointOf, newestOf } from "./checkpoint.ts";
import { CommitQueue } from "./commit-queue.ts";
import { Directory } from "./directory.ts";
import { type Effect, type PendingCommit, type Version, versionOf } from "./effect.ts";
import { Follower, follow } from "./follower.ts";
import { Leader } from "./leader.ts";
import { Lookup, type LookupStep, type LookupView, rootrefOf } from "./lookup.ts";
import { type Hosted, Namespaces } from "./namespaces.ts";
import { checkpointPeriodOf, type KvsOptions, parseKvsOptions } from "./options.ts";
import { cacheStats, countStats, namespaceStats } from "./stats.ts";
import { authorizeGuest } from "./transaction.ts";

type Waiter = Request<Version>;

/** The cache is tidied with every heartbeat, and at least this often. */
const tickMs = 10_000;
/** Blobs that one lookup loads at a time. */
const loadBatch = 256;

/** The key-value store on one rank (wire-jobs §2): rank 0 makes roots, the others follow them. */
class KvsService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #options: KvsOptions;
  readonly #codec: BlobCodec;
  readonly #cache: BlobCache;
  readonly #namespaces: Namespaces<Waiter>;
  #leader: Leader<Waiter> | undefined;
  readonly #follower: Follower<Waiter>;
  readonly #finding = new Map<string, Promise<void>>();
  readonly #loading = new Map<string, Promise<Uint8Array>>();
  /** Requests that wait for something. */
  readonly #open = new RequestSet<never>();
  readonly #opcounts = new RunningStats();
  #faults = 0;
  #commitCount = 0;
  #isScheduled = false;
  readonly #tickTimer: NodeJS.Timeout;
  #checkpointTimer: NodeJS.Timeout | undefined;

  constructor(context: ModuleContext, options: KvsOptions, hashName: HashName) {
    this.#context = context;
    this.#options = options;
    const codec = new BlobCodec(hashName, (bytes) => hash(hashName, bytes, "hex"));
    this.#codec = codec;
    const { encode, refOf, decode } = codec;
    this.#cache = new BlobCache({ maxAgeSeconds: 10, maxBytes: 4 * 1024 * 1024, encode });
    const directory = (ref: string) => this.#cache.directory(ref);
    const source = { directory, refOf, encode, decode };
    const isLeader = context.rank === 0;
    const { merge } = options;
    this.#namespaces = new Namespaces({
      isLeader,
      makeQueue: (namespace) =>
        isLeader ? new CommitQueue({ namespace, source, merge }) : undefined,
    });
    this.#follower = new Follower(this.#namespaces);
    this.#tickTimer = setInterval(() => this.#tick(), tickMs);
    this.#serve();
  }

  async start(): Promise<void> {
    const { flux } = this.#context;
    if (this.#context.rank === 0) {
      this.#leader = await this.#restore();
    } else {
      await flux.subscribe(namespaceTopic, (topic, payload) => {
        this.#perform(this.#follower.event(topic, payload, now()));
      });
    }
    await flux.subscribe(heartbeatPulse, () => this.#tick());
    this.configReload(this.#context.config);
  }

  configReload(config: JsonObject): void {
    const period = checkpointPeriodOf(config);
    const leader = this.#leader;
    clearInterval(this.#checkpointTimer);
    if (period === undefined || !leader) return;
    const put = (): void => this.#perform(leader.checkpoint());
    this.#checkpointTimer = setInterval(put, period * 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#tickTimer);
    clearInterval(this.#checkpointTimer);
    this.#open.endAll(new FluxError("ENOSYS"));
    if (!this.#leader) return;
    const { ref, seq } = this.#namespaces.primary;
    try {
      await this.#record(ref, seq);
    } catch (error) {
      // Without a backing store there is nothing to come back to.
      if (!isErrno(error, "ENOSYS")) throw error;
    }
  }

  stats(): JsonObject {
    return {
      cache: cacheStats(this.#cache, this.#loading.size, this.#faults),
      namespace: namespaceStats(this.#namespaces),
      "transaction-opcount": { commit: countStats(this.#opcounts) },
      pending_requests: this.#open.size,
    };
  }

  statsClear(): void {
    this.#opcounts.clear();
    this.#faults = 0;
    for (const { root } of this.#namespaces) root.duplicateStores = 0;
  }

  #serve(): void {
    this.#context.flux.serveAll(kvs, {
      lookup: (args, request) =>
        this.#lookup(args, request, (val) => {
          if (!val) throw new FluxError("ENOENT");
          return { val };
        }),
      lookupPlus: (args, request) =>
        this.#lookup(args, request, (val, root) =>
          val ? { val, ...versionOf(root) } : { errno: Errno.ENOENT, ...versionOf(root) },
        ),
      commit: ({ namespace, flags, ops }, request) => {
        if (!request.isOwner) authorizeGuest(ops);
        return this.#withNamespace(namespace, request, (hosted) =>
          this.#commit(hosted, flags, ops, request),
        );
      },
      relaycommit: ({ namespace, ...request }) => {
        this.#opcounts.push(request.ops.length);
        this.#perform(this.#leader?.relayed(namespace, request) ?? []);
      },
      getroot: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          const { owner, flags, name } = root;
          return { owner, ...versionOf(root), flags, namespace: name };
        }),
      waitVersion: ({ namespace, rootseq }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          if (root.seq >= rootseq) return versionOf(root);
          root.waitVersion(rootseq, request);
          return this.#keepOpen(request);
        }),
      namespaceCreate: (args) => this.#createNamespace(args),
      namespaceRemove: ({ namespace }) => {
        this.#perform(this.#asLeader().removeNamespace(namespace));
      },
      namespaceList: () => ({ namespaces: this.#namespaces.list }),
      setrootPause: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => root.pause()),
      setrootUnpause: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          for (const event of root.unpause()) this.#perform(follow(root, event, now()));
        }),
      disconnect: (_, client) => this.#disconnect(client),
    });
  }

  #asLeader(): Leader<Waiter> {
    if (this.#leader) return this.#leader;
    throw new FluxError("EINVAL", "namespaces are made and removed on rank 0");
  }

  #createNamespace(args: {
    namespace: string;
    rootref: string;
    owner: number;
    flags: number;
  }): void {
    const { namespace: name, rootref, flags } = args;
    const isUnset = args.owner === -1 || args.owner === useridUnknown;
    const owner = isUnset ? this.#instanceOwner : args.owner;
    this.#perform(this.#asLeader().createNamespace({ name, rootref, owner, flags }, now()));
  }

  get #instanceOwner(): number {
    return Number(this.#context.attr("security.owner"));
  }

  #keepOpen(request: Request<unknown>): Later {
    this.#open.add(request as Request<never>);
    return later;
  }

  #settled(request: Request<unknown>): void {
    this.#open.delete(request as Request<never>);
  }

  #disconnect(client: Request<void>): void {
    if (this.#open.size === 0) return;
    this.#open.disconnect(client);
    const isTheirs = (request: Waiter): boolean =>
      request.sender === client.sender && isOwnerOr(client, request.userid);
    for (const { root } of this.#namespaces) root.forget(isTheirs);
  }

  // Reading.

  #lookup<Response>(
    args: LookupRequest,
    request: Request<Response>,
    answer: (value: TreeObject | undefined, root: { ref: string; seq: number }) => Response,
  ): Response | Promise<Response> {
    const { key, flags, namespace, rootdir, rootseq = -1 } = args;
    const root = rootdir === undefined ? undefined : { ref: rootrefOf(rootdir), seq: rootseq };
    const lookup = new Lookup({ key, flags, namespace, root }, this.#viewFor(request));
    const step = lookup.step();
    if (step.do === "answer") return answer(step.value, lookup.root!);
    return this.#finish(lookup, step, request).then((value) => answer(value, lookup.root!));
  }

  async #finish(
    lookup: Lookup,
    first: LookupStep,
    request: Request<unknown>,
  ): Promise<TreeObject | undefined> {
    this.#keepOpen(request);
    try {
      for (let step = first; ; step = lookup.step()) {
        switch (step.do) {
          case "answer":
            return step.value;
          case "load":
            await this.#loadAll(step.refs, lookup);
            break;
          case "find-namespace":
            await this.#find(step.namespace);
            break;
        }
      }
    } finally {
      this.#cache.trim();
      this.#settled(request);
    }
  }

  #viewFor(who: Credential): LookupView {
    return {
      directory: (ref) => this.#cache.directory(ref),
      bytes: (ref) => this.#cache.bytes(ref),
      root: (namespace) => this.#namespaces.visible(namespace, who, now())?.root,
      toBase64: this.#codec.toBase64,
    };
  }

  async #loadAll(refs: readonly string[], lookup: Lookup): Promise<void> {
    for (let from = 0; from < refs.length; from += loadBatch) {
      const batch = refs.slice(from, from + loadBatch);
      await Promise.all(
        batch.map(async (ref) => {
          lookup.hold(ref, await this.#load(ref));
        }),
      );
    }
  }

  /** Get a blob into the cache. */
  #load(ref: string): Promise<Uint8Array> {
    const known = this.#loading.get(ref);
    if (known) return known;
    this.#faults++;
    const loading = this.#context.flux
      .call(content.load, this.#codec.digestOf(ref))
      .then((bytes) => {
        this.#cache.add(ref, bytes);
        return bytes;
      })
      .finally(() => this.#loading.delete(ref));
    this.#loading.set(ref, loading);
    return loading;
  }

  #withNamespace<T>(
    name: string,
    who: Credential,
    body: (hosted: Hosted<Waiter>) => T,
  ): T | Promise<T> {
    const hosted = this.#namespaces.visible(name, who, now());
    if (hosted) return body(hosted);
    return this.#find(name).then(() => {
      const found = this.#namespaces.visible(name, who, now());
      if (!found) throw new FluxError("ENOTSUP");
      return body(found);
    });
  }

  /** Followers: get to know a namespace. */
  #find(name: string): Promise<void> {
    const known = this.#finding.get(name);
    if (known) return known;
    this.#follower.finding(name);
    const finding = this.#context.flux
      .call(kvs.getroot, { namespace: name }, { nodeid: nodeidUpstream })
      .then(
        ({ owner, flags, rootref, rootseq }) => {
          const init = { name, owner, flags, ref: rootref, seq: rootseq };
          this.#perform(this.#follower.found(name, init, now()));
        },
        (error: unknown) => {
          this.#perform(this.#follower.found(name, undefined, now()));
          throw error;
        },
      )
      .finally(() => this.#finding.delete(name));
    this.#finding.set(name, finding);
    return finding;
  }

  // Writing.

  #commit(hosted: Hosted<Waiter>, flags: number, ops: Json[], request: Waiter): Later {
    const { root } = hosted;
    const name = `transaction_req.${this.#context.rank}.${this.#commitCount++}`;
    if (this.#leader) {
      this.#leader.commit(hosted, { name, flags, ops });
      this.#opcounts.push(ops.length);
      this.#schedule();
    } else {
      const relay = { namespace: root.name, flags, name, ops };
      this.#context.flux.send(kvs.relaycommit, relay, { nodeid: 0 });
    }
    root.addCommit(name, request);
    return this.#keepOpen(request);
  }

  /** Process the queues when everything that came in this turn is in them. */
  #schedule(): void {
    if (this.#isScheduled || !this.#leader?.hasWork) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#perform(this.#leader!.process());
    });
  }

  #perform(effects: readonly Effect<Waiter>[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case "answer":
          for (const request of effect.waiters) {
            this.#settled(request);
            request.respond(effect.version);
          }
          break;
        case "fail":
          for (const request of effect.waiters) {
            this.#settled(request);
            request.fail(new FluxError(effect.errnum));
          }
          break;
        case "publish": {
          const topic = `${namespaceTopic}${effect.namespace}-${effect.word}`;
          this.#context.flux.publish(topic, effect.event, MessageFlag.Private);
          break;
        }
        case "load":
          void this.#loadFor(effect.hosted, effect.refs);
          break;
        case "store":
          this.#store(effect.commits);
          break;
        case "checkpoint":
          this.#checkpoint(effect.root);
          break;
      }
    }
    this.#cache.trim();
    this.#schedule();
  }

  async #loadFor(hosted: Hosted<Waiter>, refs: readonly string[]): Promise<void> {
    const failures = new Map<string, FluxError>();
    const loads = refs.map((ref) =>
      this.#load(ref).catch((error: unknown) => void failures.set(ref, asFluxError(error))),
    );
    await Promise.all(loads);
    this.#leader!.loaded(hosted, failures);
    this.#schedule();
  }

  /** Store what commits need, in one message. */
  #store(commits: readonly PendingCommit<Waiter>[]): void {
    const blobs = commits.flatMap(({ commit }) =>
      Array.from(commit.blobs.bytes, ([ref, bytes]) => ({ key: this.#codec.keyOf(ref), bytes })),
    );
    const needsBacking = commits.some(({ commit }) => commit.isSync);
    this.#context.flux.call(content.storeBlobs, { blobs, needsBacking }).then(
      () => this.#perform(this.#leader!.stored(commits)),
      (error: unknown) => this.#perform(this.#leader!.failed(commits, asFluxError(error))),
    );
  }

  /** Make a checkpoint: content writes what is dirty and the record in one transaction. */
  #checkpoint(root: Version): void {
    this.#record(root.rootref, root.rootseq).then(
      () => this.#perform(this.#leader!.checkpointed(root)),
      (error: unknown) => {
        const failure = asFluxError(error);
        this.#context.log(3, `checkpoint of version ${root.rootseq}: ${failure.message}`);
        this.#perform(this.#leader!.checkpointFailed(root, failure));
      },
    );
  }

  #record(rootref: string, sequence: number): Promise<void> {
    const value = checkpointOf(rootref, sequence, Date.now());
    return this.#context.flux.call(content.checkpointPut, { value });
  }

  // Time, and what lasts.

  #tick(): void {
    const time = now();
    this.#namespaces.expire(time);
    // Roots are kept at hand.
    for (const { root } of this.#namespaces) this.#cache.directory(root.ref);
    this.#cache.tick(time);
  }

  /** Begin where the newest checkpoint is, or else with nothing. */
  async #restore(): Promise<Leader<Waiter>> {
    const bytes = Directory.empty.encode(this.#codec.encode);
    const emptyRef = this.#codec.refOf(bytes);
    const digest = await this.#context.flux.call(content.store, bytes);
    if (Buffer.compare(digest, this.#codec.digestOf(emptyRef)) !== 0) {
      throw new FluxError("EPROTO", "content module uses another hash");
    }
    this.#cache.addDirectory(emptyRef, Directory.empty, bytes.length);
    const { initialRootref } = this.#options;
    const found = initialRootref === undefined ? await this.#newestCheckpoint() : undefined;
    const ref = initialRootref ?? found?.rootref ?? emptyRef;
    const seq = found?.sequence ?? 0;
    const init = { name: primaryNamespace, owner: this.#instanceOwner, flags: 0, ref, seq };
    this.#namespaces.add(init, now());
    return new Leader(this.#namespaces, this.#cache, found?.sequence);
  }

  async #newestCheckpoint(): Promise<{ rootref: string; sequence: number } | undefined> {
    try {
      const { value } = await this.#context.flux.call(content.checkpointGet);
      const { rootref, sequence, timestamp } = newestOf(value);
      const date = timestamp > 0 ? new Date(timestamp * 1000).toISOString() : "N/A";
      this.#context.log(6, `restored KVS from checkpoint on ${date}`);
      return { rootref, sequence };
    } catch (error) {
      if (isErrno(error, "ENOENT") || isErrno(error, "ENOSYS")) return undefined;
      throw error;
    }
  }
}

/** Monotonic seconds. */
const now = (): number => performance.now() / 1000;

function asFluxError(error: unknown): FluxError {
  if (error instanceof FluxError) return error;
  const text = error instanceof Error ? error.message : String(error);
  return new FluxError("EIO", text, { cause: error });
}

export default defineModule({
  name: "kvs",
  host: "inline",
  async start(context) {
    const options = parseKvsOptions(context.args);
    const hashName = await context.flux.attr("content.hash");
    if (!isHashName(hashName)) throw new FluxError("EINVAL", `${hashName}: unknown hash type`);
    const service = new KvsService(context, options, hashName);
    await service.start();
    return service;
  },
});
