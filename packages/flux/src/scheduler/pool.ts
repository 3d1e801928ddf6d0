import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Bits, bitsToArray, clearBit, hasBit, newBits, setBit } from "./bits.ts";
import { ConstraintFilter } from "./constraint-filter.ts";
import { checkFeasible } from "./feasibility.ts";
import { FreeIds } from "./free-ids.ts";
import { type Share, select } from "./match.ts";
import type { ResourceRequest } from "./request.ts";
import type { Topology } from "./topology.ts";
import { WorstFit } from "./worst-fit.ts";

/** Resources that a job holds. */
export interface Allocation {
  readonly shares: readonly Share[];
  readonly nslots: number;
  /** When it ends, in seconds since the epoch; 0 if nobody knows. */
  readonly endTime: number;
}

interface PoolState {
  readonly cores: FreeIds;
  readonly gpus: FreeIds;
  readonly up: Bits;
  readonly jobs: Map<JobId, Allocation>;
  readonly filter: ConstraintFilter;
  /** Requests found feasible, with the topology version that was asked. */
  readonly feasible: WeakMap<ResourceRequest, number>;
}

function emptyState(topology: Topology): PoolState {
  const { nodes, size } = topology;
  return {
    cores: FreeIds.all(nodes.map(({ cores }) => cores.length)),
    gpus: FreeIds.all(nodes.map(({ gpus }) => gpus.length)),
    up: newBits(size),
    jobs: new Map(),
    filter: new ConstraintFilter(topology),
    feasible: new WeakMap(),
  };
}

/** The resources of an instance: what there is, what is up, and who holds what. */
export class ResourcePool {
  readonly topology: Topology;
  /** Seconds since the epoch when all of it goes; 0 is never. */
  expiration: number;
  readonly #cores: FreeIds;
  readonly #gpus: FreeIds;
  readonly #up: Bits;
  readonly #order: WorstFit;
  readonly #jobs: Map<JobId, Allocation>;
  readonly #filter: ConstraintFilter;
  readonly #feasible: WeakMap<ResourceRequest, number>;

  /** All down and free, or as in `state`. */
  constructor(topology: Topology, expiration = 0, state: PoolState = emptyState(topology)) {
    this.topology = topology;
    this.expiration = expiration;
    this.#cores = state.cores;
    this.#gpus = state.gpus;
    this.#up = state.up;
    this.#jobs = state.jobs;
    this.#filter = state.filter;
    this.#feasible = state.feasible;
    this.#order = new WorstFit(topology.size, topology.maxCores, topology.maxGpus);
    for (const node of bitsToArray(this.#up)) this.#offer(node);
  }

  /** A pool to try things with. */
  copy(): ResourcePool {
    return new ResourcePool(this.topology, this.expiration, {
      cores: this.#cores.copy(),
      gpus: this.#gpus.copy(),
      up: this.#up.slice(),
      jobs: new Map(this.#jobs),
      filter: this.#filter,
      feasible: this.#feasible,
    });
  }

  /** Jobs that hold resources. */
  get jobs(): ReadonlyMap<JobId, Allocation> {
    return this.#jobs;
  }

  isUp(node: number): boolean {
    return hasBit(this.#up, node);
  }

  /** Ranks became available. Unknown ones are ignored. */
  markUp(ranks: Iterable<number>): void {
    for (const rank of ranks) {
      const node = this.topology.indexOf(rank);
      if (node === undefined || this.isUp(node)) continue;
      setBit(this.#up, node);
      this.#offer(node);
    }
  }

  /** Ranks became unavailable; jobs on them keep what they hold. */
  markDown(ranks: Iterable<number>): void {
    for (const rank of ranks) {
      const node = this.topology.indexOf(rank);
      if (node !== undefined) this.#down(node);
    }
  }

  /** Ranks are gone for good (RFC 28 shrink). */
  remove(ranks: Iterable<number>): void {
    for (const rank of ranks) {
      const node = this.topology.indexOf(rank);
      if (node === undefined) continue;
      this.#down(node);
      this.topology.remove(node);
    }
  }

  /**
   * Allocate what a job asks for, until `endTime`. Undefined: not now. Throws EOVERFLOW if it can
   * never be had, EINVAL if its constraint makes no sense.
   */
  alloc(id: JobId, request: ResourceRequest, endTime: number): Allocation | undefined {
    const among = request.constraint && this.#filter.nodesFor(request.constraint);
    const selection =
      request.slots.values || request.nodes?.values
        ? undefined
        : select(this.#available, request, among);
    if (!selection) {
      this.checkFeasible(request);
      return undefined;
    }
    const allocation = { ...selection, endTime };
    this.#hold(id, allocation);
    return allocation;
  }

  /** Throws EOVERFLOW if a request can never be fulfilled, EINVAL if its constraint makes no sense. */
  checkFeasible(request: ResourceRequest): void {
    const { version } = this.topology;
    if (this.#feasible.get(request) === version) return;
    const among = request.constraint && this.#filter.nodesFor(request.constraint);
    checkFeasible(this.topology, request, among);
    this.#feasible.set(request, version);
  }

  /** A job that runs already holds this (RFC 27 hello). */
  register(id: JobId, allocation: Allocation): void {
    this.#hold(id, allocation);
  }

  /**
   * Give back what a job holds: all of it, or on some nodes. A job that holds nothing is ignored.
   * Throws EINVAL, changing nothing, if it does not hold these, or if `final` and it holds more.
   */
  free(id: JobId, nodes?: readonly number[], final = true): void {
    const held = this.#jobs.get(id);
    if (!held) return;
    const { freed, kept } = nodes ? split(held.shares, nodes) : { freed: held.shares, kept: [] };
    if (nodes && freed.length !== nodes.length) {
      throw new FluxError("EINVAL", `job ${id} does not hold all that is to be freed`);
    }
    if (final && kept.length > 0) {
      throw new FluxError("EINVAL", `job ${id} holds more than what is freed at last`);
    }
    if (final) this.#jobs.delete(id);
    else this.#jobs.set(id, { ...held, shares: kept });
    for (const share of freed) this.#release(share);
  }

  /** A running job will end at another time. False if it holds nothing. */
  updateEndTime(id: JobId, endTime: number): boolean {
    const held = this.#jobs.get(id);
    if (held) this.#jobs.set(id, { ...held, endTime });
    return held !== undefined;
  }

  get #available() {
    return {
      topology: this.topology,
      cores: this.#cores,
      gpus: this.#gpus,
      order: this.#order,
    };
  }

  #hold(id: JobId, allocation: Allocation): void {
    this.#jobs.set(id, allocation);
    for (const { node, cores, gpus } of allocation.shares) {
      this.#withdraw(node);
      this.#cores.take(node, cores);
      this.#gpus.take(node, gpus);
      this.#offer(node);
    }
  }

  #release({ node, cores, gpus }: Share): void {
    this.#withdraw(node);
    this.#cores.release(node, cores);
    this.#gpus.release(node, gpus);
    this.#offer(node);
  }

  #down(node: number): void {
    if (!this.isUp(node)) return;
    this.#withdraw(node);
    clearBit(this.#up, node);
  }

  #offer(node: number): void {
    if (this.isUp(node)) this.#order.add(node, this.#cores.count(node), this.#gpus.count(node));
  }

  #withdraw(node: number): void {
    if (this.isUp(node)) this.#order.remove(node, this.#cores.count(node), this.#gpus.count(node));
  }
}

function split(
  shares: readonly Share[],
  nodes: readonly number[],
): { freed: Share[]; kept: Share[] } {
  const wanted = new Set(nodes);
  const freed: Share[] = [];
  const kept: Share[] = [];
  for (const share of shares) (wanted.has(share.node) ? freed : kept).push(share);
  return { freed, kept };
}
