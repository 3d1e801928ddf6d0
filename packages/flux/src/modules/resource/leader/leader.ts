import type { Flux } from "@flux-ts/client/handle";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { type EventlogEntry, encodeEventlog, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { ModuleContext } from "../../../plugins/module.ts";
import { Acquire } from "../acquire/acquire.ts";
import type { Availability } from "../acquire/acquire-view.ts";
import { checkpointKey, Drain } from "../drain/drain.ts";
import { DrainState } from "../drain/drain-state.ts";
import { readCheckpoint, replayEventlog, restoreCheckpoint } from "../drain/replay.ts";
import { eventlogKey, ResourceLog } from "../eventlog/eventlog.ts";
import { keptHistory } from "../eventlog/history.ts";
import { Journal } from "../eventlog/journal.ts";
import { upgradeEventlog } from "../eventlog/upgrade.ts";
import { HostMap } from "../host-map.ts";
import { Inventory } from "../inventory/inventory.ts";
import { Monitor } from "../monitor/monitor.ts";
import { MonitorState } from "../monitor/monitor-state.ts";
import type { ResourceOptions } from "../resource-options.ts";
import { Status } from "../status/status.ts";
import { Store } from "../store/store.ts";
import { ranksOfTargets } from "../targets.ts";

export interface LeaderStart {
  readonly context: ModuleContext;
  readonly options: ResourceOptions;
  readonly hostlist: string | undefined;
  /** The instance is being repaired: nothing is scheduled, nothing is kept. */
  readonly isRecovering: boolean;
  readonly enclosing: { readonly flux: Flux; readonly jobid: string } | undefined;
}

/** What the resource module does on rank 0 alone: all that concerns the instance as a whole. */
export class Leader {
  readonly inventory: Inventory;
  readonly drain: Drain;
  readonly #start: LeaderStart;
  readonly #store: Store;
  readonly #log: ResourceLog;
  readonly #acquire: Acquire;
  readonly #monitor: Monitor;
  readonly #monitorState: MonitorState;
  readonly #drainState: DrainState;
  readonly #hosts: HostMap;
  readonly #excluded: Idset;
  #onRestarted: () => void = () => {};

  /** Load what is known of the instance's resources, and what happened to them in earlier runs. */
  static async load(start: LeaderStart): Promise<Leader> {
    const { context, options, hostlist, enclosing } = start;
    const { flux, rank, size, config } = context;
    const store = new Store(flux);
    const inform = context.log.bind(context);
    const past = await readPast(store, HostMap.parse(hostlist ?? ""), inform);
    const journal = new Journal(past, options.journalMax);
    const log = new ResourceLog(
      store,
      journal,
      () => inventory.R,
      (text) => inform(3, text),
    );
    const hasBootstrap = isJsonObject(config.bootstrap);
    const restart = withResolvers<void>();
    const parts = { flux, rank, size, options, hostlist, hasBootstrap, store, log, inform };
    const inventory: Inventory = new Inventory({ ...parts, restarted: restart.promise });
    await inventory.load(enclosing);
    const leader = new Leader(start, store, log, inventory);
    leader.#onRestarted = restart.resolve;
    await leader.#restore(past);
    return leader;
  }

  private constructor(start: LeaderStart, store: Store, log: ResourceLog, inventory: Inventory) {
    const { context, options, hostlist = "" } = start;
    // A test may have more made-up ranks than brokers.
    const size = Math.max(context.size, inventory.resources?.nnodes ?? 0);
    const everyone = size > 0 ? Idset.range(0, size - 1) : new Idset();
    const inform = context.log.bind(context);
    this.inventory = inventory;
    this.#start = start;
    this.#store = store;
    this.#log = log;
    this.#hosts = HostMap.parse(hostlist);
    this.#excluded = excludedRanks(options.exclude, inventory, context.size);
    this.#drainState = new DrainState(size);
    this.drain = new Drain({
      state: this.#drainState,
      log,
      store,
      hosts: this.#hosts,
      excluded: () => this.#excluded,
      targets: (text) => ranksOfTargets(text, inventory.resources),
      inform: (text) => inform(6, text),
    });
    this.#monitorState = new MonitorState(size, options.forceUp ? everyone : new Idset());
    this.#monitor = new Monitor(this.#monitorState, log, (text) => inform(3, text));
    const availability = (): Availability => this.#availability();
    const resources = () => inventory.resources;
    this.#acquire = new Acquire({ resources, availability });
    const { flux } = context;
    const up = (): Idset => this.#monitorState.up;
    const status = new Status(flux, { resources, availability, drain: this.#drainState, up });
    log.listen((event) => status.onEvent(event));
    log.listen((event) => this.#acquire.onEvent(event));
    for (const part of [this.drain, this.#monitor, this.#acquire, log]) part.serve(flux);
    inventory.serve(flux, () => this.#acquire.isBusy);
    status.serve();
    flux.serve(resource.disconnect, (_, client) => {
      for (const part of [this.#monitor, this.#acquire, log]) part.disconnect(client);
    });
  }

  /** Follow who is online, and tell that the module has started. */
  async follow(flux: Flux): Promise<void> {
    const { options, hostlist = "", isRecovering } = this.#start;
    if (!options.forceUp && !isRecovering) {
      // With systemd a node counts once no unit of an earlier run is left on it.
      await this.#monitor.start(flux, options.systemd ? "sdmon.online" : "broker.online");
    }
    this.#monitor.postRestart(hostlist);
    this.#onRestarted();
    await this.inventory.settled;
  }

  configReload(options: ResourceOptions): void {
    this.#log.setJournalMax(options.journalMax);
  }

  async stop(): Promise<void> {
    this.#acquire.stop();
    this.#log.stop();
    this.inventory.stop();
    if (!this.#start.isRecovering) await this.drain.checkpoint();
  }

  /** The drain state of earlier runs, and then a shorter eventlog. */
  async #restore(past: readonly EventlogEntry[]): Promise<void> {
    const { isRecovering, options } = this.#start;
    const stored = await this.#store.get(checkpointKey);
    const checkpoint = readCheckpoint(stored === undefined ? undefined : parseJson(stored));
    if (checkpoint) restoreCheckpoint(this.#drainState, checkpoint, this.#hosts);
    const since = checkpoint?.timestamp ?? 0;
    replayEventlog(this.#drainState, past, since, this.#hosts);
    await this.drain.undrainExcluded();
    if (options.historySeconds === Infinity || isRecovering || options.noTruncate) return;
    await this.#foldHistory(since, options.historySeconds);
  }

  async #foldHistory(checkpoint: number, historySeconds: number): Promise<void> {
    const all = parseEventlog((await this.#store.get(eventlogKey)) ?? "");
    const kept = keptHistory(all, checkpoint, historySeconds, Date.now() / 1000);
    if (kept.length < all.length) await this.#store.put(eventlogKey, encodeEventlog(kept));
  }

  #availability(): Availability {
    const { up: _, down, torpid, lost } = this.#monitorState;
    // Configured nodes come back; those of an allocation do not.
    const mayReturn = this.inventory.method === "configuration";
    return {
      drained: this.#drainState.ranks,
      excluded: this.#excluded,
      down,
      torpid,
      lost: mayReturn ? new Idset() : lost,
    };
  }
}

/** The events of earlier runs, whatever release wrote them. */
async function readPast(
  store: Store,
  hosts: HostMap,
  inform: ModuleContext["log"],
): Promise<EventlogEntry[]> {
  const past = parseEventlog((await store.get(eventlogKey)) ?? "");
  const upgraded = upgradeEventlog(past, hosts, (text) => inform(4, text));
  if (!upgraded) return past;
  await store.put(eventlogKey, encodeEventlog(upgraded));
  inform(6, `${eventlogKey}: reduced from ${past.length} to ${upgraded.length} entries`);
  return upgraded;
}

function excludedRanks(exclude: string | undefined, { resources }: Inventory, size: number): Idset {
  if (exclude === undefined) return new Idset();
  let ranks: Idset;
  try {
    ranks = ranksOfTargets(exclude, resources);
  } catch (cause) {
    const text = cause instanceof Error ? cause.message : String(cause);
    throw new FluxError("EINVAL", `error decoding exclude set ${exclude}: ${text}`, { cause });
  }
  if ((ranks.last() ?? 0) >= size) {
    throw new FluxError("EINVAL", `exclude set ${exclude} is out of range`);
  }
  return ranks;
}
