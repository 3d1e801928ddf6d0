import { type Constraint, parseConstraint } from "@flux-ts/protocol/job/constraint";
import { type JsonObject, stringifyJson } from "@flux-ts/protocol/schema/json";
import { type Bits, hasBit, newBits, setBit } from "./bits.ts";
import type { Topology } from "./topology.ts";

/** Constraints whose nodes are remembered: queues and users have a few each. */
const maxConstraints = 256;

/** The nodes that fulfil a constraint (RFC 31), found once for all jobs that have it. */
export class ConstraintFilter {
  readonly #topology: Topology;
  readonly #known = new Map<string, Bits>();
  readonly #byObject = new WeakMap<JsonObject, Bits>();

  constructor(topology: Topology) {
    this.#topology = topology;
  }

  /** Throws EINVAL for what is no constraint. */
  nodesFor(constraint: JsonObject): Bits {
    const seen = this.#byObject.get(constraint);
    if (seen) return seen;
    const key = stringifyJson(constraint);
    let nodes = this.#known.get(key);
    if (!nodes) {
      nodes = this.#match(parseConstraint(constraint));
      if (this.#known.size >= maxConstraints) {
        const [oldest] = this.#known.keys();
        if (oldest !== undefined) this.#known.delete(oldest);
      }
      this.#known.set(key, nodes);
    }
    this.#byObject.set(constraint, nodes);
    return nodes;
  }

  #match(constraint: Constraint): Bits {
    const { nodes, properties, size } = this.#topology;
    const matching = newBits(size);
    for (const [index, { rank, hostname }] of nodes.entries()) {
      const has = (name: string): boolean => {
        const bits = properties.get(name);
        return bits !== undefined && hasBit(bits, index);
      };
      if (constraint.matches({ rank, hostname, hasProperty: has })) setBit(matching, index);
    }
    return matching;
  }
}
