import { accessSync, constants, readFileSync } from "node:fs";
import { join } from "node:path";

/** The control group of this process, version 2: where the kernel accounts for the job. */
export class Cgroup {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Undefined if this system has none that we know how to read. */
  static own(): Cgroup | undefined {
    const line = read("/proc/self/cgroup")
      ?.split("\n")
      .find((text) => text.startsWith("0::"));
    if (line === undefined || read("/sys/fs/cgroup/cgroup.controllers") === undefined)
      return undefined;
    // In a container the path may begin above its root.
    return new Cgroup(join("/sys/fs/cgroup", line.slice(3).replace(/^(\/\.\.)+/, "")));
  }

  pathOf(name: string): string {
    return join(this.#path, name);
  }

  has(name: string): boolean {
    try {
      accessSync(this.pathOf(name), constants.R_OK);
      return true;
    } catch {
      return false;
    }
  }

  /** The number in a file such as `memory.peak`. */
  number(name: string): number | undefined {
    return numberOf(read(this.pathOf(name)));
  }

  /** The number of a key in a file such as `cpu.stat`. */
  keyed(name: string, key: string): number | undefined {
    const lines = read(this.pathOf(name))?.split("\n") ?? [];
    const line = lines.find((text) => text.startsWith(`${key} `));
    return numberOf(line?.slice(key.length + 1));
  }
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+\s*$/.test(text) ? Number(text) : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
