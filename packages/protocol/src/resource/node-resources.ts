import { FluxError } from "../rpc/error.ts";
import { Idset } from "../text/idset.ts";

/** Ids of one type, such as the cores of a node. */
type TypedIds = readonly [type: string, ids: Idset];

/**
 * What a node has: ids of cores, gpus and whatever else, by type (RFC 20 `children`). Never
 * changed, so that the nodes of a cluster, of which many are equal, share one; equal ones have
 * the same `key`.
 */
export class NodeResources {
  /** Cores first, then other types by name; none of them empty. */
  readonly #ids: readonly TypedIds[];
  /** Equal for equal resources. */
  readonly key: string;

  private constructor(ids: readonly TypedIds[]) {
    this.#ids = ids;
    this.key = ids.map(([type, set]) => `${type}:${set.encode()}`).join("/");
  }

  static readonly none = new NodeResources([]);

  /** Resources of these ids by type; the sets are not to be changed afterwards. */
  static of(ids: Iterable<TypedIds>): NodeResources {
    const present = [...ids].filter(([, set]) => set.size > 0);
    return new NodeResources(present.sort(([a], [b]) => compareTypes(a, b)));
  }

  /** From the `children` of an R_lite entry: idset text by type. EINVAL for text that is none. */
  static parse(children: Readonly<Record<string, string>>): NodeResources {
    return NodeResources.of(
      Object.entries(children).map(([type, text]) => [type, parseIds(type, text)] as const),
    );
  }

  get isEmpty(): boolean {
    return this.#ids.length === 0;
  }

  get types(): string[] {
    return this.#ids.map(([type]) => type);
  }

  /** The ids of a type; empty if there are none. */
  ids(type: string): Idset {
    return this.#ids.find(([name]) => name === type)?.[1] ?? new Idset();
  }

  count(type: string): number {
    return this.ids(type).size;
  }

  /** Both together. */
  union(other: NodeResources): NodeResources {
    const types = new Set([...this.types, ...other.types]);
    return NodeResources.of(
      [...types].map((type) => [type, this.ids(type).union(other.ids(type))] as const),
    );
  }

  /** What `other` has not. */
  diff(other: NodeResources): NodeResources {
    return this.#map((type, ids) => ids.subtract(other.ids(type)));
  }

  /** What both have. */
  intersect(other: NodeResources): NodeResources {
    return this.#map((type, ids) => ids.intersect(other.ids(type)));
  }

  without(types: readonly string[]): NodeResources {
    return NodeResources.of(this.#ids.filter(([type]) => !types.includes(type)));
  }

  /** Ids renumbered from 0, except of those types. */
  remap(except: readonly string[]): NodeResources {
    return this.#map((type, ids) => (except.includes(type) ? ids : Idset.range(0, ids.size - 1)));
  }

  /** The `children` of an R_lite entry. */
  toJson(): Record<string, string> {
    return Object.fromEntries(this.#ids.map(([type, ids]) => [type, ids.encode()]));
  }

  /** `core[0-3],gpu0` */
  toString(): string {
    return this.#ids.map(([type, ids]) => type + ids.encode({ brackets: true })).join(",");
  }

  #map(change: (type: string, ids: Idset) => Idset): NodeResources {
    return NodeResources.of(this.#ids.map(([type, ids]) => [type, change(type, ids)] as const));
  }
}

function parseIds(type: string, text: string): Idset {
  try {
    return Idset.parse(text);
  } catch (cause) {
    throw new FluxError("EINVAL", `invalid idset '${text}' of ${type}`, { cause });
  }
}

function compareTypes(a: string, b: string): number {
  if (a === b) return 0;
  if (a === "core") return -1;
  if (b === "core") return 1;
  return a < b ? -1 : 1;
}

/**
 * A combination of two nodes' resources that is worked out once for each pair of kinds of nodes,
 * not for each pair of nodes.
 */
export function memoized(
  combine: (a: NodeResources, b: NodeResources) => NodeResources,
): (a: NodeResources, b: NodeResources) => NodeResources {
  const known = new Map<string, NodeResources>();
  return (a, b) => {
    const key = `${a.key}|${b.key}`;
    let result = known.get(key);
    if (!result) {
      result = combine(a, b);
      known.set(key, result);
    }
    return result;
  };
}
