import { hash } from "node:crypto";
import { type Later, later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { type HashName, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { checkTreeObject, type TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { type Credential, isOwnerOr } from "@flux-ts/protocol/message/credential";
import { MessageFlag, nodeidUpstream, useridUnknown } from "@flux-ts/protocol/message/message";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import { type Checkpoint, checkpoint, content } from "@flux-ts/protocol/services/content";
import { heartbeatPulse } from "@flux-ts/protocol/services/heartbeat";
import {
  commitErrorEvent,
  kvs,
  type LookupRequest,
  namespaceTopic,
  primaryNamespace,
  type SetrootEvent,
  setrootEvent,
} from "@flux-ts/protocol/services/kvs";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { RunningStats } from "../../plugins/running-stats.ts";
import { BlobCache } from "./blob-cache.ts";
import { type Commit, CommitQueue, keysOf, type Rejection } from "./commit-queue.ts";
import { Directory } from "./directory.ts";
import { Lookup, type LookupStep, type LookupView } from "./lookup.ts";
import { Namespace } from "./namespace.ts";
import { checkpointPeriodOf, type KvsOptions, parseKvsOptions } from "./options.ts";
import { cacheStats, countStats, namespaceStats } from "./stats.ts";
import { authorizeGuest, parseTransaction } from "./transaction.ts";

interface Version {
  rootseq: number;
  rootref: string;
}
type VersionRequest = Request<Version>;

/** A namespace on this rank; rank 0 alone has the queue. */
interface Hosted {
  readonly root: Namespace<VersionRequest>;
  readonly queue: CommitQueue | undefined;
}

/** A namespace that upstream was asked for, and the events about it that came before the answer. */
interface Finding {
  readonly done: Promise<void>;
  readonly events: (() => void)[];
}

/** Followers forget a namespace that nobody used for this long. */
const maxIdleSeconds = 3600;
/** The cache is tidied with every heartbeat, and at least this often. */
const tickMs = 10_000;
/** Blobs that one lookup loads at a time. */
const loadBatch = 256;

/** The key-value store on one rank (wire-jobs §2): rank 0 makes roots, the others follow them. */
class KvsService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #options: KvsOptions;
  readonly #hashName: HashName;
  readonly #cache = new BlobCache({ maxAgeSeconds: 10, maxBytes: 64 * 1024 * 1024 });
  readonly #namespaces = new Map<string, Hosted>();
  readonly #finding = new Map<string, Finding>();
  readonly #loading = new Map<string, Promise<void>>();
  /** Namespaces whose queues may have something to do. */
  readonly #ready = new Set<Hosted>();
  /** Requests that wait for something. */
  readonly #open = new RequestSet<never>();
  readonly #opcounts = new RunningStats();
  #faults = 0;
  #commitCount = 0;
  #isScheduled = false;
  readonly #tickTimer: NodeJS.Timeout;
  #checkpointTimer: NodeJS.Timeout | undefined;
  /** Sequence of the newest root that is a checkpoint. */
  #checkpointSeq = -1;

  constructor(context: ModuleContext, options: KvsOptions, hashName: HashName) {
    this.#context = context;
    this.#options = options;
    this.#hashName = hashName;
    this.#tickTimer = setInterval(() => this.#tick(), tickMs);
    this.#serve();
  }

  async start(): Promise<void> {
    const { flux } = this.#context;
    if (this.#isLeader) await this.#restore();
    else await flux.subscribe(namespaceTopic, (topic, event) => this.#onEvent(topic, event));
    await flux.subscribe(heartbeatPulse, () => this.#tick());
    this.configReload(this.#context.config);
  }

  configReload(config: JsonObject): void {
    const period = checkpointPeriodOf(config);
    clearInterval(this.#checkpointTimer);
    if (period === undefined || !this.#isLeader) return;
    this.#checkpointTimer = setInterval(() => void this.#checkpointIfChanged(), period * 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#tickTimer);
    clearInterval(this.#checkpointTimer);
    this.#open.endAll(new FluxError("ENOSYS"));
    if (!this.#isLeader) return;
    try {
      await this.#checkpoint();
    } catch (error) {
      // Without a backing store there is nothing to come back to.
      if (!isErrno(error, "ENOSYS")) throw error;
    }
  }

  stats(): JsonObject {
    const namespace: JsonObject = {};
    for (const [name, { root, queue }] of this.#namespaces) {
      namespace[name] = namespaceStats(root, queue);
    }
    return {
      cache: cacheStats(this.#cache, this.#loading.size, this.#faults),
      namespace,
      "transaction-opcount": { commit: countStats(this.#opcounts) },
      pending_requests: this.#open.size,
    };
  }

  statsClear(): void {
    this.#opcounts.clear();
    this.#faults = 0;
    for (const { root } of this.#namespaces.values()) root.duplicateStores = 0;
  }

  get #isLeader(): boolean {
    return this.#context.rank === 0;
  }

  get #primary(): Namespace<VersionRequest> {
    return this.#namespaces.get(primaryNamespace)!.root;
  }

  #serve(): void {
    this.#context.flux.serveAll(kvs, {
      lookup: (args, request) =>
        this.#lookup(args, request, (val) => {
          if (!val) throw new FluxError("ENOENT");
          return { val };
        }),
      lookupPlus: (args, request) =>
        this.#lookup(args, request, (val, { ref, seq }) => {
          const version = { rootseq: seq, rootref: ref };
          return val ? { val, ...version } : { errno: Errno.ENOENT, ...version };
        }),
      commit: ({ namespace, flags, ops }, request) => {
        if (!request.isOwner) authorizeGuest(ops);
        return this.#withNamespace(namespace, request, (hosted) =>
          this.#commit(hosted, flags, ops, request),
        );
      },
      relaycommit: (args) => this.#relayed(args),
      getroot: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          const { owner, seq, ref, flags, name } = root;
          return { owner, rootseq: seq, rootref: ref, flags, namespace: name };
        }),
      waitVersion: ({ namespace, rootseq }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          if (root.seq >= rootseq) return versionOf(root);
          root.waitVersion(rootseq, request);
          return this.#keepOpen(request);
        }),
      namespaceCreate: (args) => this.#createNamespace(args),
      namespaceRemove: ({ namespace }) => this.#removeNamespace(namespace),
      namespaceList: () => {
        const roots = Array.from(this.#namespaces.values(), ({ root }) => root);
        return {
          namespaces: roots.map(({ name, owner, flags }) => ({ namespace: name, owner, flags })),
        };
      },
      setrootPause: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => root.pause()),
      setrootUnpause: ({ namespace }, request) =>
        this.#withNamespace(namespace, request, ({ root }) => {
          for (const event of root.unpause()) this.#follow(root, event);
        }),
      disconnect: (_, client) => this.#disconnect(client),
    });
  }

  #keepOpen(request: Request<never>): Later {
    this.#open.add(request);
    return later;
  }

  #settle(requests: readonly VersionRequest[], answer: (request: VersionRequest) => void): void {
    for (const request of requests) {
      this.#open.delete(request as Request<never>);
      answer(request);
    }
  }

  #disconnect(client: Request<void>): void {
    if (this.#open.size === 0) return;
    this.#open.disconnect(client);
    const isTheirs = (request: VersionRequest): boolean =>
      request.sender === client.sender && isOwnerOr(client, request.userid);
    for (const { root } of this.#namespaces.values()) root.forget(isTheirs);
  }

  // Reading.

  #lookup<Response>(
    args: LookupRequest,
    request: Request<Response>,
    answer: (value: TreeObject | undefined, root: { ref: string; seq: number }) => Response,
  ): Response | Promise<Response> {
    const { key, flags, namespace, rootdir, rootseq = -1 } = args;
    const root = rootdir === undefined ? undefined : { ref: refOf(rootdir), seq: rootseq };
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
    this.#open.add(request as Request<never>);
    try {
      for (let step = first; ; step = lookup.step()) {
        switch (step.do) {
          case "answer":
            return step.value;
          case "load":
            await this.#loadAll(step.refs);
            break;
          case "find-namespace":
            await this.#find(step.namespace);
            break;
        }
      }
    } finally {
      this.#open.delete(request as Request<never>);
    }
  }

  #viewFor(who: Credential): LookupView {
    return {
      directory: (ref) => this.#cache.directory(ref),
      bytes: (ref) => this.#cache.bytes(ref),
      root: (namespace) => this.#hosted(namespace, who)?.root,
      toBase64: (parts) => Buffer.concat(parts).toString("base64"),
    };
  }

  async #loadAll(refs: readonly string[]): Promise<void> {
    for (let from = 0; from < refs.length; from += loadBatch) {
      await Promise.all(refs.slice(from, from + loadBatch).map((ref) => this.#load(ref)));
    }
  }

  /** Get a blob into the cache. */
  #load(ref: string): Promise<void> {
    const known = this.#loading.get(ref);
    if (known) return known;
    this.#faults++;
    const digest = Buffer.from(ref.slice(ref.indexOf("-") + 1), "hex");
    const loading = this.#context.flux
      .call(content.load, digest)
      .then((bytes) => this.#cache.add(ref, bytes))
      .finally(() => this.#loading.delete(ref));
    this.#loading.set(ref, loading);
    return loading;
  }

  // Namespaces.

  /** A namespace for whoever asks. Undefined: upstream has to be asked for it. */
  #hosted(name: string, who: Credential): Hosted | undefined {
    const hosted = this.#namespaces.get(name);
    if (!hosted) {
      if (this.#isLeader) throw new FluxError("ENOTSUP");
      return undefined;
    }
    if (!isOwnerOr(who, hosted.root.owner)) throw new FluxError("EPERM");
    hosted.root.lastUsed = now();
    return hosted;
  }

  #withNamespace<T>(name: string, who: Credential, body: (hosted: Hosted) => T): T | Promise<T> {
    const hosted = this.#hosted(name, who);
    if (hosted) return body(hosted);
    return this.#find(name).then(() => {
      const found = this.#hosted(name, who);
      if (!found) throw new FluxError("ENOTSUP");
      return body(found);
    });
  }

  /** Followers: get to know a namespace. */
  #find(name: string): Promise<void> {
    const known = this.#finding.get(name);
    if (known) return known.done;
    const events: (() => void)[] = [];
    const done = this.#context.flux
      .call(kvs.getroot, { namespace: name }, { nodeid: nodeidUpstream })
      .then(({ owner, rootref, rootseq, flags }) => {
        this.#add({ name, owner, flags, ref: rootref, seq: rootseq });
      })
      .finally(() => {
        this.#finding.delete(name);
        for (const replay of events) replay();
      });
    this.#finding.set(name, { done, events });
    return done;
  }

  #add(init: { name: string; owner: number; flags: number; ref: string; seq: number }): Hosted {
    const { merge } = this.#options;
    const queue = this.#isLeader
      ? new CommitQueue({ namespace: init.name, source: this.#treeSource, merge })
      : undefined;
    const hosted = { root: new Namespace<VersionRequest>(init), queue };
    hosted.root.lastUsed = now();
    this.#namespaces.set(init.name, hosted);
    return hosted;
  }

  readonly #treeSource = {
    directory: (ref: string) => this.#cache.directory(ref),
    refOf: (bytes: Uint8Array) => `${this.#hashName}-${hash(this.#hashName, bytes, "hex")}`,
  };

  #createNamespace(args: {
    namespace: string;
    rootref: string;
    owner: number;
    flags: number;
  }): void {
    if (!this.#isLeader) throw new FluxError("EINVAL", "namespaces are created on rank 0");
    const { namespace: name, rootref, flags } = args;
    if (this.#namespaces.has(name)) throw new FluxError("EEXIST");
    const isUnset = args.owner === -1 || args.owner === useridUnknown;
    const owner = isUnset ? this.#instanceOwner : args.owner;
    this.#add({ name, owner, flags, ref: rootref, seq: 0 });
    this.#publish(name, "created", { namespace: name, rootseq: 0, rootref, owner });
  }

  get #instanceOwner(): number {
    return Number(this.#context.attr("security.owner"));
  }

  #removeNamespace(name: string): void {
    if (!this.#isLeader) throw new FluxError("EINVAL", "namespaces are removed on rank 0");
    if (name.toLowerCase() === primaryNamespace) throw new FluxError("ENOTSUP");
    if (!this.#namespaces.has(name)) return;
    this.#publish(name, "removed", { namespace: name });
    this.#drop(name);
  }

  /** Forget a namespace that is no more. */
  #drop(name: string): void {
    const hosted = this.#namespaces.get(name);
    if (!hosted) return;
    this.#namespaces.delete(name);
    this.#ready.delete(hosted);
    const gone = new FluxError("ENOTSUP");
    this.#settle(hosted.root.remove(), (request) => request.fail(gone));
    const names = hosted.queue?.abandon().map((transaction) => transaction.name) ?? [];
    if (names.length > 0) this.#publishError(name, names, Errno.ENOTSUP);
  }

  #publish(name: string, word: string, event: JsonObject): void {
    this.#context.flux.publish(`${namespaceTopic}${name}-${word}`, event, MessageFlag.Private);
  }

  #publishError(namespace: string, names: string[], errnum: number): void {
    this.#publish(namespace, "error", { namespace, names, errnum });
  }

  // Writing.

  #commit(hosted: Hosted, flags: number, ops: Json[], request: VersionRequest): Later {
    const { root, queue } = hosted;
    const name = `transaction_req.${this.#context.rank}.${this.#commitCount++}`;
    if (queue) {
      queue.add(parseTransaction(name, flags, ops));
      this.#opcounts.push(ops.length);
      this.#schedule(hosted);
    } else {
      const relay = { namespace: root.name, flags, name, ops };
      this.#context.flux.send(kvs.relaycommit, relay, { nodeid: 0 });
    }
    root.addCommit(name, request);
    return this.#keepOpen(request as Request<never>);
  }

  #relayed(args: { namespace: string; flags: number; name: string; ops: Json[] }): void {
    const { namespace, flags, name, ops } = args;
    const hosted = this.#namespaces.get(namespace);
    try {
      if (!hosted?.queue) throw new FluxError("ENOTSUP");
      hosted.queue.add(parseTransaction(name, flags, ops));
    } catch (error) {
      const errnum = error instanceof FluxError ? error.errnum : Errno.EPROTO;
      this.#publishError(namespace, [name], errnum);
      return;
    }
    this.#opcounts.push(ops.length);
    this.#schedule(hosted);
  }

  /** Process the queue when everything that came in this turn is in it. */
  #schedule(hosted: Hosted): void {
    this.#ready.add(hosted);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#process();
    });
  }

  #process(): void {
    const together: [Hosted, Commit][] = [];
    for (const hosted of this.#ready) {
      const commit = this.#nextCommit(hosted);
      if (commit?.isSync) this.#store([[hosted, commit]]);
      else if (commit) together.push([hosted, commit]);
    }
    this.#ready.clear();
    if (together.length > 0) this.#store(together);
  }

  #nextCommit(hosted: Hosted): Commit | undefined {
    const { root, queue } = hosted;
    for (;;) {
      const step = queue?.next(root.ref);
      switch (step?.do) {
        case undefined:
          return undefined;
        case "store":
          return step.commit;
        case "reject":
          this.#reject(root, step.rejections);
          break;
        case "load":
          void this.#loadFor(hosted, step.refs);
          return undefined;
      }
    }
  }

  async #loadFor(hosted: Hosted, refs: readonly string[]): Promise<void> {
    const failures = new Map<string, FluxError>();
    await Promise.all(
      refs.map((ref) =>
        this.#load(ref).catch((error: unknown) => {
          failures.set(ref, error instanceof FluxError ? error : new FluxError("EIO"));
        }),
      ),
    );
    hosted.queue?.loaded(failures);
    this.#schedule(hosted);
  }

  /** Store what commits need, in one message; a checkpoint is recorded together with its blobs. */
  #store(commits: readonly [Hosted, Commit][]): void {
    const blobs = commits.flatMap(([, commit]) =>
      Array.from(commit.blobs.bytes, ([ref, bytes]) => ({ key: this.#keyOf(ref), bytes })),
    );
    const sync = commits.find(([, commit]) => commit.isSync);
    const checkpoints = sync
      ? [checkpoint.print!(checkpointOf(sync[1].rootref, sync[0].root.seq + 1))]
      : [];
    this.#context.flux.call(content.storeBatch, { blobs, checkpoints }).then(
      () => {
        for (const [hosted, commit] of commits) this.#finishCommit(hosted, commit);
      },
      (error: unknown) => {
        const failure = error instanceof FluxError ? error : new FluxError("EIO");
        for (const [{ root, queue }, commit] of commits) {
          const failed = queue?.failed(commit, failure, commit.isSync) ?? [];
          this.#reject(root, [...commit.rejections, ...failed]);
        }
        for (const [hosted] of commits) this.#schedule(hosted);
      },
    );
  }

  #keyOf(ref: string): string {
    return ref.slice(this.#hashName.length + 1);
  }

  /** Everything below the new root is stored: it counts from now on. */
  #finishCommit(hosted: Hosted, commit: Commit): void {
    const { root, queue } = hosted;
    const { rootref, blobs, transactions, rejections, isSync } = commit;
    queue?.stored();
    const names = transactions.map(({ name }) => name);
    if (root.isRemoved) {
      this.#publishError(root.name, names, Errno.ENOTSUP);
      return;
    }
    for (const [ref, bytes] of blobs.bytes) {
      if (this.#cache.has(ref)) root.duplicateStores++;
      const directory = blobs.directories.get(ref);
      if (directory) this.#cache.addDirectory(ref, directory, bytes.length);
      else this.#cache.add(ref, bytes);
    }
    const reached = root.setRoot(rootref, root.seq + 1);
    if (isSync) this.#checkpointSeq = root.seq;
    this.#publish(root.name, "setroot", {
      namespace: root.name,
      ...versionOf(root),
      names,
      keys: keysOf(transactions),
      owner: root.owner,
    });
    const version = versionOf(root);
    this.#settle(root.takeCommits(names), (request) => request.respond(version));
    this.#settle(reached, (request) => request.respond(version));
    this.#reject(root, rejections);
    if (queue && queue.size > 0) this.#schedule(hosted);
  }

  #reject(root: Namespace<VersionRequest>, rejections: readonly Rejection[]): void {
    for (const { transaction, error } of rejections) {
      const { name } = transaction;
      this.#publishError(root.name, [name], error.errnum);
      this.#settle(root.takeCommits([name]), (request) =>
        request.fail(new FluxError(error.errnum)),
      );
    }
  }

  // Following (ranks above 0).

  #onEvent(topic: string, payload: () => JsonObject): void {
    const end = topic.lastIndexOf("-");
    const name = topic.slice(namespaceTopic.length, end);
    const finding = this.#finding.get(name);
    if (finding) {
      finding.events.push(() => this.#onEvent(topic, payload));
      return;
    }
    const root = this.#namespaces.get(name)?.root;
    if (!root) return;
    switch (topic.slice(end + 1)) {
      case "setroot": {
        const event = setrootEvent.check(payload(), topic);
        if (!root.hold(event)) this.#follow(root, event);
        return;
      }
      case "error": {
        const { names, errnum } = commitErrorEvent.check(payload(), topic);
        this.#settle(root.takeCommits(names), (request) => request.fail(new FluxError(errnum)));
        return;
      }
      case "removed":
        this.#drop(name);
        return;
    }
  }

  #follow(root: Namespace<VersionRequest>, { rootref, rootseq, names }: SetrootEvent): void {
    const reached = root.setRoot(rootref, rootseq);
    root.lastUsed = now();
    const version = versionOf(root);
    this.#settle(root.takeCommits(names), (request) => request.respond(version));
    this.#settle(reached, (request) => request.respond(version));
  }

  // Time, and what lasts.

  #tick(): void {
    const time = now();
    for (const [name, { root }] of this.#namespaces) {
      const isIdle = root.isIdle && time - root.lastUsed > maxIdleSeconds;
      if (isIdle && !this.#isLeader && name !== primaryNamespace) this.#namespaces.delete(name);
      else this.#cache.directory(root.ref);
    }
    this.#cache.tick(time);
  }

  /** Begin where the newest checkpoint is, or else with nothing. */
  async #restore(): Promise<void> {
    const { flux } = this.#context;
    const bytes = Directory.empty.encode();
    const emptyRef = this.#treeSource.refOf(bytes);
    const digest = await flux.call(content.store, bytes);
    if (Buffer.from(digest).toString("hex") !== this.#keyOf(emptyRef)) {
      throw new FluxError("EPROTO", "content module uses another hash");
    }
    this.#cache.addDirectory(emptyRef, Directory.empty, bytes.length);
    const { initialRootref } = this.#options;
    const found = initialRootref === undefined ? await this.#newestCheckpoint() : undefined;
    const ref = initialRootref ?? found?.rootref ?? emptyRef;
    const seq = found?.sequence ?? 0;
    if (found) this.#checkpointSeq = seq;
    this.#add({ name: primaryNamespace, owner: this.#instanceOwner, flags: 0, ref, seq });
  }

  async #newestCheckpoint(): Promise<Checkpoint | undefined> {
    try {
      const { value } = await this.#context.flux.call(content.checkpointGet);
      const [newest] = value;
      if (newest?.rootref === undefined || ![0, 1].includes(newest.version ?? -1)) {
        throw new FluxError("EINVAL", "newest checkpoint is not of version 0 or 1");
      }
      const { timestamp } = newest;
      const date = timestamp ? new Date(timestamp * 1000).toISOString() : "N/A";
      this.#context.log(6, `restored KVS from checkpoint on ${date}`);
      return newest;
    } catch (error) {
      if (isErrno(error, "ENOENT") || isErrno(error, "ENOSYS")) return undefined;
      throw error;
    }
  }

  async #checkpoint(): Promise<void> {
    const { ref, seq } = this.#primary;
    await this.#context.flux.call(content.checkpointPut, { value: checkpointOf(ref, seq) });
    this.#checkpointSeq = Math.max(this.#checkpointSeq, seq);
  }

  async #checkpointIfChanged(): Promise<void> {
    if (this.#primary.seq === this.#checkpointSeq) return;
    try {
      await this.#checkpoint();
    } catch (error) {
      this.#context.log(
        3,
        `periodic checkpoint: ${error instanceof Error ? error.message : error}`,
      );
    }
  }
}

/** Monotonic seconds. */
const now = (): number => performance.now() / 1000;

const versionOf = ({ seq, ref }: { seq: number; ref: string }): Version => ({
  rootseq: seq,
  rootref: ref,
});

const checkpointOf = (rootref: string, sequence: number): Checkpoint => ({
  version: 1,
  rootref,
  sequence,
  timestamp: Date.now() / 1000,
});

/** The blobref in a dirref that a client looks up below. EINVAL if it is none. */
function refOf(rootdir: Json): string {
  try {
    const object = checkTreeObject(rootdir, "rootdir");
    if (object.type === "dirref") return object.data[0]!;
  } catch (cause) {
    throw new FluxError("EINVAL", "rootdir is not a tree object", { cause });
  }
  throw new FluxError("EINVAL", "rootdir is not a dirref");
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
