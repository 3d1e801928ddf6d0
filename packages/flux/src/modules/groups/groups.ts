import { later, type Request } from "@flux-ts/client/request";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { groups } from "@flux-ts/protocol/services/groups";
import { overlay, type Subtree } from "@flux-ts/protocol/services/overlay";
import { Idset } from "@flux-ts/protocol/text/idset";
import { defineModule, type ModuleContext } from "../../plugins/module.ts";
import { Membership } from "./membership.ts";

/** Changes are gathered this long before they go to the parent. */
const batchMs = 100;
/** Streams of `groups.get` open at once. */
const maxWatchers = 10_000;

/** Named sets of brokers, gathered up the tree (wire-broker §4.3). */
export default defineModule({
  name: "groups",
  host: "inline",
  start(context) {
    const service = new GroupsService(context);
    service.serve();
    return { stop: () => service.stop() };
  },
});

class GroupsService {
  readonly #context: ModuleContext;
  readonly #membership = new Membership();
  /** Groups that clients of this broker joined, by sender. */
  readonly #joined = new Map<string, Set<string>>();
  readonly #watchers = new Map<Request<{ members: string }>, string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: ModuleContext) {
    this.#context = context;
  }

  serve(): void {
    const { flux, rank } = this.#context;
    flux.serveAll(groups, {
      join: ({ name }, request) => {
        requireLocal(request.isLocal, "join");
        if (this.#membership.has(name, rank)) {
          throw new FluxError("EEXIST", `rank ${rank} is already a member of ${name}`);
        }
        this.#change(name, `${rank}`, true);
        const names = this.#joined.get(request.sender) ?? new Set();
        this.#joined.set(request.sender, names.add(name));
      },
      leave: ({ name }, request) => {
        requireLocal(request.isLocal, "leave");
        if (!this.#membership.has(name, rank)) {
          throw new FluxError("ENOENT", `rank ${rank} is not a member of ${name}`);
        }
        this.#change(name, `${rank}`, false);
        this.#joined.get(request.sender)?.delete(name);
      },
      get: ({ name }, request) => this.#get(name, request),
      update: ({ update }) => {
        for (const [group, changes] of Object.entries(update)) {
          for (const { ranks, set } of changes) this.#change(group, ranks, set);
        }
      },
      statsGet: () => ({ subtree: this.#membership.toJson() }),
      disconnect: (_args, request) => this.#disconnect(request.sender),
    });
    void this.#watchChildren();
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const request of this.#watchers.keys()) request.fail(new FluxError("ENOSYS"));
  }

  #get(name: string, request: Request<{ members: string }>) {
    if (this.#context.rank !== 0) {
      throw new FluxError("EPROTO", "this RPC is only available on rank 0");
    }
    const members = this.#membership.members(name).encode();
    if (!request.isStreaming) return { members };
    if (this.#watchers.size >= maxWatchers) throw new FluxError("EAGAIN", "too many watchers");
    request.respond({ members });
    this.#watchers.set(request, name);
    return later;
  }

  #change(group: string, ranks: string, set: boolean): void {
    if (this.#membership.apply(group, { ranks, set })) this.#changed([group]);
  }

  #changed(names: string[]): void {
    for (const [request, name] of this.#watchers) {
      if (names.includes(name))
        request.respond({ members: this.#membership.members(name).encode() });
    }
    // The leader has nobody above to tell; the pending list must not grow there.
    if (this.#context.rank === 0) this.#membership.takePending();
    else this.#timer ??= setTimeout(() => this.#sendUp(), batchMs);
  }

  #sendUp(): void {
    this.#timer = undefined;
    const update = this.#membership.takePending();
    if (update) this.#context.flux.send(groups.update, { update }, { nodeid: nodeidUpstream });
  }

  #disconnect(sender: string): void {
    for (const request of [...this.#watchers.keys()]) {
      if (request.sender === sender) this.#watchers.delete(request);
    }
    for (const name of this.#joined.get(sender) ?? []) {
      this.#change(name, `${this.#context.rank}`, false);
    }
    this.#joined.delete(sender);
  }

  /** A child that is lost or offline takes its whole subtree out of all groups. */
  async #watchChildren(): Promise<void> {
    const { flux } = this.#context;
    try {
      const monitor = flux.stream(overlay.monitor, undefined, { nodeid: this.#context.rank });
      for await (const { rank, status, torpid } of monitor) {
        const isGone = status === "lost" || status === "offline";
        const ranks = await this.#subtreeOf(rank);
        if (isGone) this.#changed(this.#membership.removeRanks(ranks));
        this.#change("broker.torpid", ranks.encode(), torpid && !isGone);
      }
    } catch (error) {
      // A broker without children has no overlay service; at exit the stream ends with an error.
      if (!(error instanceof FluxError)) throw error;
    }
  }

  async #subtreeOf(rank: number): Promise<Idset> {
    const { flux, rank: own } = this.#context;
    const root = await flux.call(overlay.topology, { rank }, { nodeid: own });
    const ranks = new Idset();
    const visit = (subtree: Subtree): void => {
      ranks.add(subtree.rank);
      for (const child of subtree.children) visit(child);
    };
    visit(root);
    return ranks;
  }
}

function requireLocal(isLocal: boolean, method: string): void {
  if (!isLocal) throw new FluxError("EPROTO", `groups.${method} is restricted to the local broker`);
}
