import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import type { Idset } from "@flux-ts/protocol/text/idset";
import type { ResourceLog } from "../eventlog/eventlog.ts";
import type { HostMap } from "../host-map.ts";
import type { Store } from "../store/store.ts";
import { drainMode } from "./drain-mode.ts";
import type { DrainState } from "./drain-state.ts";
import { checkpointOf, checkpointSchema } from "./replay.ts";

/** KVS key of the drain state at the end of the last run. */
export const checkpointKey = "checkpoint.resource";

export interface DrainParts {
  readonly state: DrainState;
  readonly log: ResourceLog;
  readonly store: Store;
  readonly hosts: HostMap;
  excluded(): Idset;
  /** Ranks of the targets of a request. */
  targets(text: string): Idset;
  inform(text: string): void;
}

/** What a drain or undrain request is about. */
interface Change {
  readonly targets: string;
  readonly reason?: string | undefined;
  readonly mode?: string | undefined;
}

/** Draining and undraining (RFC 28, 44), on rank 0. An answered request survives any crash. */
export class Drain {
  readonly #parts: DrainParts;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  serve(flux: Flux): void {
    flux.serve(resource.drain, (request) => this.#drain(request));
    flux.serve(resource.undrain, (request) => this.#undrain(request));
  }

  /** Drain a rank that failed its verification, unless it is drained for another reason. */
  drainRank(rank: number, reason: string): Promise<void> {
    return this.#drain({ targets: `${rank}`, reason, mode: "update" });
  }

  /** Excluded targets may not be drained: those that were are undrained, for good. */
  async undrainExcluded(): Promise<void> {
    const { state, excluded } = this.#parts;
    const ranks = state.ranks.intersect(excluded());
    if (ranks.isEmpty) return;
    state.undrain(ranks);
    await this.#post("undrain", { idset: ranks.encode(), nodelist: this.#hostsOf(ranks) });
  }

  /** Keep the drain state as it is at the end of the module's life. */
  async checkpoint(): Promise<void> {
    const { state, hosts, store } = this.#parts;
    const value = checkpointOf(state, hosts, Date.now() / 1000);
    await store.put(checkpointKey, checkpointSchema.print?.(value) ?? "", "durable");
  }

  async #drain({ targets, reason, mode }: Change): Promise<void> {
    const { state, excluded, inform } = this.#parts;
    const ranks = this.#decode(targets);
    const { overwrite, isStrict } = drainMode(mode, "Invalid mode specified");
    if (isStrict) state.checkDrain(ranks, excluded());
    const nodelist = this.#hostsOf(ranks);
    const timestamp = Date.now() / 1000;
    state.drain(ranks, { timestamp, reason }, overwrite);
    const idset = ranks.encode();
    inform(
      `drain idset=${idset} nodelist=${nodelist} overwrite=${overwrite} reason=${reason ?? ""}`,
    );
    await this.#post(
      "drain",
      { idset, nodelist, ...(reason !== undefined && { reason }), overwrite },
      timestamp,
    );
  }

  async #undrain({ targets, reason, mode }: Change): Promise<void> {
    const { state, inform } = this.#parts;
    const ranks = this.#decode(targets);
    const { overwrite, isStrict } = drainMode(mode, `invalid undrain mode '${mode}' specified`);
    if (isStrict) state.checkUndrain(ranks);
    const nodelist = this.#hostsOf(ranks);
    state.undrain(ranks);
    const idset = ranks.encode();
    inform(
      `undrain idset=${idset} nodelist=${nodelist} overwrite=${overwrite} reason=${reason ?? ""}`,
    );
    await this.#post("undrain", {
      idset,
      nodelist,
      overwrite,
      ...(reason !== undefined && { reason }),
    });
  }

  #post(name: string, context: JsonObject, timestamp = Date.now() / 1000): Promise<void> {
    return this.#parts.log.post(name, context, { timestamp, keep: "durable" });
  }

  #decode(targets: string): Idset {
    const { state } = this.#parts;
    const ranks = this.#parts.targets(targets);
    const last = ranks.last();
    if (last === undefined) throw new FluxError("EINVAL", "idset is empty");
    if (last >= state.size) throw new FluxError("EINVAL", "idset is out of range");
    return ranks;
  }

  #hostsOf(ranks: Idset): string {
    return this.#parts.hosts.encode(ranks);
  }
}
