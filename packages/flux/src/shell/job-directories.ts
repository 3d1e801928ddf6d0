import { mkdirSync, readdirSync, renameSync, rm, rmdirSync, rmSync, statSync } from "node:fs";

/** Spare directories to keep, and how long without use: removing one can take milliseconds. */
const maxSpares = 64;
const idleMs = 10_000;
const mode = 0o700;

/**
 * The temporary directories of jobs, one each. Where the process hosts many short jobs, a directory
 * that its job left empty is renamed for the next one, which is a hundred times faster than a new
 * one.
 */
export class JobDirectories {
  readonly #spares: string[] = [];
  readonly #keepsSpares: boolean;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { keepsSpares: boolean }) {
    this.#keepsSpares = options.keepsSpares;
  }

  /** Make the directory. False if that is not possible there. */
  make(parent: string, name: string): boolean {
    const path = `${parent}/${name}`;
    const spare = this.#spares.at(-1);
    try {
      if (spare?.startsWith(`${parent}/`)) {
        renameSync(spare, path);
        this.#spares.pop();
      } else {
        mkdirSync(path, mode);
      }
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code === "EEXIST" || code === "ENOTEMPTY";
    }
  }

  /** Remove a directory and what is in it. */
  remove(path: string): void {
    if (this.#keepsSpares && this.#spares.length < maxSpares && this.#putAside(path)) {
      if (this.#timer) this.#timer.refresh();
      else this.#timer = setTimeout(() => this.clear(), idleMs).unref();
      return;
    }
    // A process of its own ends with its job.
    if (!this.#keepsSpares) rmSync(path, { recursive: true, force: true });
    else rm(path, { recursive: true, force: true }, () => {});
  }

  /** Let go of the spare directories. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const spare of this.#spares.splice(0)) {
      try {
        rmdirSync(spare);
      } catch {
        // Somebody put something there after its job had ended.
        rm(spare, { recursive: true, force: true }, () => {});
      }
    }
  }

  #putAside(path: string): boolean {
    try {
      if (readdirSync(path).length > 0 || (statSync(path).mode & 0o7777) !== mode) return false;
      const spare = `${path.slice(0, path.lastIndexOf("/"))}/spare-${process.pid}-${this.#count++}`;
      renameSync(path, spare);
      this.#spares.push(spare);
      return true;
    } catch {
      return false;
    }
  }
}
