/**
 * Taskmap (RFC 34): which tasks of a job run on which of its nodes. It is a list of blocks that
 * number the tasks consecutively; a map without blocks says that the mapping is unknown.
 */
import { FluxError } from "../rpc/error.ts";
import { Idset } from "./idset.ts";
import { parseTaskmapText } from "./taskmap-text.ts";

/** `ppn` tasks on each of `nnodes` nodes from `nodeid` on, then again, `repeat` times in all. */
export interface TaskmapBlock {
  readonly nodeid: number;
  readonly nnodes: number;
  readonly ppn: number;
  readonly repeat: number;
}

/** The JSON form of a map: an array of `[nodeid, nnodes, ppn, repeat]`. */
export type TaskmapArray = [nodeid: number, nnodes: number, ppn: number, repeat: number][];

/** Most tasks in one map: task ids are members of idsets. */
const MAX_TASKS = 2 ** 31 - 1;
/** Most repetitions in one map. Each may cost a range in the idset of a node. */
const MAX_REPEATS = 2 ** 20;
/** Most tasks that are listed one by one. */
const MAX_LISTED = 2 ** 22;

export class Taskmap {
  #blocks: TaskmapBlock[] = [];
  #taskCount = 0;
  #repeats = 0;

  /**
   * Reads any text form: JSON array, JSON object with version, PMI's `(vector,...)`, raw `0-1;2-3`.
   * The empty string is PMI's way to say that the mapping is unknown.
   * @throws FluxError EINVAL
   */
  static parse(text: string): Taskmap {
    const { json, placements } = parseTaskmapText(text);
    if (!placements) return Taskmap.fromJson(json);
    const map = new Taskmap();
    for (const [nodeid, nnodes, ppn] of placements) map.append(nodeid, nnodes, ppn);
    return map;
  }

  /** Reads the JSON form, bare or wrapped in an object with its version. Throws EINVAL. */
  static fromJson(value: unknown): Taskmap {
    const map = new Taskmap();
    for (const [index, entry] of unwrap(value).entries()) {
      if (!Array.isArray(entry)) throw invalid(`entry ${index} in taskmap is not an array`);
      const [nodeid, nnodes, ppn, repeat] = entry.slice(0, 4).map(integer);
      if (nodeid === undefined || nnodes === undefined || ppn === undefined || !repeat) {
        throw invalid(`invalid entry [${entry}] in taskmap`);
      }
      map.#push({ nodeid, nnodes, ppn, repeat });
    }
    return map;
  }

  get blocks(): readonly TaskmapBlock[] {
    return this.#blocks;
  }

  /** The map has no blocks, and answers no questions. */
  get isUnknown(): boolean {
    return this.#blocks.length === 0;
  }

  /** Number of tasks. */
  get taskCount(): number {
    return this.#taskCount;
  }

  /** Number of nodes: one more than the largest node id. */
  get nodeCount(): number {
    return this.#blocks.reduce((count, { nodeid, nnodes }) => Math.max(count, nodeid + nnodes), 0);
  }

  /** Puts the next tasks on these nodes; blocks are merged with the last one where they can be. */
  append(nodeid: number, nnodes: number, ppn: number): this {
    const last = this.#blocks.at(-1);
    const merged = last && merge(last, { nodeid, nnodes, ppn, repeat: 1 });
    if (!merged) return this.#push({ nodeid, nnodes, ppn, repeat: 1 });
    this.#pop();
    // What has grown may now be a repetition of the block before.
    const before = this.#blocks.at(-1);
    if (!before || !sameNodes(before, merged)) return this.#push(merged);
    this.#pop();
    return this.#push({ ...before, repeat: before.repeat + merged.repeat });
  }

  /** The tasks on a node; empty when it has none. */
  taskids(nodeid: number): Idset {
    const ids = new Idset();
    let next = 0;
    for (const block of this.#blocks) {
      const round = block.nnodes * block.ppn;
      const offset = nodeid - block.nodeid;
      if (offset >= 0 && offset < block.nnodes) {
        for (let i = 0; i < block.repeat; i++) {
          const first = next + i * round + offset * block.ppn;
          ids.addRange(first, first + block.ppn - 1);
        }
      }
      next += round * block.repeat;
    }
    return ids;
  }

  /** The node of a task; undefined when there is no such task. */
  nodeid(taskid: number): number | undefined {
    let next = 0;
    for (const block of this.#blocks) {
      const round = block.nnodes * block.ppn;
      if (taskid >= next && taskid < next + round * block.repeat) {
        return block.nodeid + Math.floor(((taskid - next) % round) / block.ppn);
      }
      next += round * block.repeat;
    }
    return undefined;
  }

  /** Number of tasks on a node. */
  ntasks(nodeid: number): number {
    let count = 0;
    for (const block of this.#blocks) {
      const here = nodeid >= block.nodeid && nodeid < block.nodeid + block.nnodes;
      if (here) count += block.ppn * block.repeat;
    }
    return count;
  }

  /** The JSON array; put it in `{version: 1, map}` where the version has to be told. */
  toJSON(): TaskmapArray {
    return this.#blocks.map(({ nodeid, nnodes, ppn, repeat }) => [nodeid, nnodes, ppn, repeat]);
  }

  /** The JSON object of RFC 34. */
  toWrapped(): { version: 1; map: TaskmapArray } {
    return { version: 1, map: this.toJSON() };
  }

  /** JSON text of the array, as commands print it. */
  toString(): string {
    return `[${this.toJSON()
      .map((block) => `[${block.join(",")}]`)
      .join(",")}]`;
  }

  /** PMI_process_mapping (RFC 13): `(vector,(0,4,4))`; empty when unknown. */
  toPmi(): string {
    if (this.isUnknown) return "";
    const blocks = this.#blocks.flatMap(({ nodeid, nnodes, ppn, repeat }) =>
      Array<string>(repeat).fill(`(${nodeid},${nnodes},${ppn})`),
    );
    return `(vector,${blocks.join(",")})`;
  }

  /** The idset of each node in order: `0-1;2-3`; empty when unknown. Throws E2BIG. */
  toRaw(): string {
    if (Math.max(this.#taskCount, this.nodeCount) > MAX_LISTED) throw tooMany();
    const nodes = Array.from({ length: this.nodeCount }, () => new Idset());
    for (const [first, count, nodeid] of this.#runs()) {
      nodes[nodeid]?.addRange(first, first + count - 1);
    }
    return nodes.join(";");
  }

  /** A line `TASK: NODE` for each task. Throws E2BIG. */
  toMultiline(): string[] {
    if (this.#taskCount > MAX_LISTED) throw tooMany();
    const lines: string[] = [];
    for (const [first, count, nodeid] of this.#runs()) {
      for (let i = 0; i < count; i++) lines.push(`${first + i}: ${nodeid}`);
    }
    return lines;
  }

  /** Throws EINVAL when `other` has not as many nodes and tasks as this map. */
  checkSameSize(other: Taskmap): void {
    if (other.nodeCount !== this.nodeCount) {
      throw invalid(`got ${other.nodeCount} nodes, expected ${this.nodeCount}`);
    }
    if (other.taskCount !== this.taskCount) {
      throw invalid(`got ${other.taskCount} total tasks, expected ${this.taskCount}`);
    }
  }

  /** Consecutive tasks that share a node, in order of tasks. */
  *#runs(): IterableIterator<readonly [first: number, count: number, nodeid: number]> {
    let first = 0;
    for (const { nodeid, nnodes, ppn, repeat } of this.#blocks) {
      for (let i = 0; i < nnodes * repeat; i++) {
        yield [first, ppn, nodeid + (i % nnodes)];
        first += ppn;
      }
    }
  }

  #push(block: TaskmapBlock): this {
    const { nodeid, nnodes, ppn, repeat } = block;
    if (nodeid < 0 || nnodes <= 0 || ppn <= 0 || repeat <= 0) {
      throw invalid(`invalid entry [${nodeid},${nnodes},${ppn},${repeat}]`);
    }
    this.#blocks.push(block);
    this.#taskCount += nnodes * ppn * repeat;
    this.#repeats += repeat;
    const large = this.#taskCount > MAX_TASKS || nodeid + nnodes > MAX_TASKS;
    if (large || this.#repeats > MAX_REPEATS) throw invalid("taskmap is too large");
    return this;
  }

  #pop(): void {
    const block = this.#blocks.pop();
    if (!block) return;
    this.#taskCount -= block.nnodes * block.ppn * block.repeat;
    this.#repeats -= block.repeat;
  }
}

/** One block that stands for `last` followed by `next`; undefined when there is none. */
function merge(last: TaskmapBlock, next: TaskmapBlock): TaskmapBlock | undefined {
  const adjoins = next.nodeid === last.nodeid + last.nnodes && next.ppn === last.ppn;
  if (adjoins && last.repeat === 1) return { ...last, nnodes: last.nnodes + next.nnodes };
  if (next.nodeid === last.nodeid && last.nnodes === 1 && next.nnodes === 1) {
    return { ...last, ppn: last.ppn * last.repeat + next.ppn, repeat: 1 };
  }
  return sameNodes(last, next) ? { ...last, repeat: last.repeat + 1 } : undefined;
}

function sameNodes(a: TaskmapBlock, b: TaskmapBlock): boolean {
  return a.nodeid === b.nodeid && a.nnodes === b.nnodes && a.ppn === b.ppn;
}

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  if (typeof value !== "object" || value === null) {
    throw invalid("taskmap must be an object or array");
  }
  if (!("version" in value) || !("map" in value)) throw invalid("taskmap needs version and map");
  if (value.version !== 1) throw invalid(`expected version=1, got ${value.version}`);
  if (!Array.isArray(value.map)) throw invalid("taskmap must be an array");
  return value.map;
}

function integer(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}

function invalid(text: string): FluxError {
  return new FluxError("EINVAL", text);
}

function tooMany(): FluxError {
  return new FluxError("E2BIG", `taskmap has more than ${MAX_LISTED} tasks or nodes to list`);
}
