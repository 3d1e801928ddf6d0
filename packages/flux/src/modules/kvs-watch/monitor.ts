import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { Root, Watcher } from "./watcher.ts";

/** Version and owner of a namespace, and which keys the version has changed if that is known. */
export interface NamespaceVersion extends Root {
  readonly owner: number;
  readonly keys?: JsonObject;
}

/** The watchers of one namespace, by what concerns them: a commit is matched by its keys. */
export class Monitor {
  /** The newest version seen; undefined: not known yet, or the namespace is not there yet. */
  version: NamespaceVersion | undefined;
  readonly #watchers = new Set<Watcher>();
  readonly #byKey = new Map<string, Set<Watcher>>();
  readonly #full = new Set<Watcher>();

  get size(): number {
    return this.#watchers.size;
  }

  /** All watchers. */
  get watchers(): readonly Watcher[] {
    return [...this.#watchers];
  }

  add(watcher: Watcher): void {
    this.#watchers.add(watcher);
    if (watcher.isFull) {
      this.#full.add(watcher);
      return;
    }
    const same = this.#byKey.get(watcher.key);
    if (same) same.add(watcher);
    else this.#byKey.set(watcher.key, new Set([watcher]));
  }

  delete(watcher: Watcher): void {
    if (!this.#watchers.delete(watcher)) return;
    this.#full.delete(watcher);
    const same = this.#byKey.get(watcher.key);
    same?.delete(watcher);
    if (same?.size === 0) this.#byKey.delete(watcher.key);
  }

  /**
   * Take a version if it is news. Returns the watchers that it concerns: all, if this is the first one
   * or its changes are not known; else those of its keys.
   */
  update(version: NamespaceVersion): readonly Watcher[] {
    const isFirst = !this.version;
    if (this.version && version.seq <= this.version.seq) return [];
    this.version = version;
    if (isFirst || !version.keys) return this.watchers;
    const concerned = new Set(this.#full);
    for (const key of Object.keys(version.keys)) {
      for (const watcher of this.#byKey.get(key) ?? []) concerned.add(watcher);
    }
    return [...concerned];
  }
}
