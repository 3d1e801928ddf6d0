import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Client } from "./exec-request.ts";
import type { ServerProcess } from "./server-process.ts";

/** How a request names a process: by label if it has one, else by pid. */
export interface ProcessName {
  readonly pid: number;
  readonly label?: string | undefined;
}

/** The processes of a subprocess server, in the order in which they were asked for. */
export class ProcessTable<Entry extends { readonly state: ServerProcess }> {
  readonly #all = new Set<Entry>();
  readonly #byLabel = new Map<string, Entry>();
  readonly #byPid = new Map<number, Entry>();

  get size(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Entry> {
    return this.#all.values();
  }

  /** Throws EINVAL if another process has its label. */
  add(entry: Entry): void {
    const { label } = entry.state.command;
    if (label !== undefined) {
      if (this.#byLabel.has(label)) throw new FluxError("EINVAL", "command label is not unique");
      this.#byLabel.set(label, entry);
    }
    this.#all.add(entry);
  }

  /** Its pid is known now. A zombie that had the same pid can no longer be found by it. */
  started(entry: Entry, pid: number): void {
    this.#byPid.set(pid, entry);
  }

  remove(entry: Entry): void {
    this.#all.delete(entry);
    const { pid, command } = entry.state;
    const { label } = command;
    if (label !== undefined && this.#byLabel.get(label) === entry) this.#byLabel.delete(label);
    if (this.#byPid.get(pid) === entry) this.#byPid.delete(pid);
  }

  /** Throws ESRCH. */
  find({ pid, label }: ProcessName): Entry {
    const entry = label === undefined ? this.#byPid.get(pid) : this.#byLabel.get(label);
    if (entry) return entry;
    const name = label === undefined ? `pid ${pid}` : `label ${label}`;
    throw new FluxError("ESRCH", `${name} does not belong to any subprocess`);
  }

  /** The process whose exec or attach request this was. */
  ofClient({ sender, matchtag }: Client): Entry | undefined {
    for (const entry of this.#all) {
      const { client } = entry.state;
      if (client?.matchtag === matchtag && client.sender === sender) return entry;
    }
    return undefined;
  }
}
