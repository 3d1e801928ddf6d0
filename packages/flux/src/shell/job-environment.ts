import type { Environment } from "./signed-jobspec.ts";

/** The environment of a job's tasks: what was submitted, and what shell and plugins made of it. */
export class JobEnvironment {
  #base: Environment;
  #changes: Record<string, string> = {};

  constructor(submitted: Environment) {
    this.#base = submitted;
  }

  get(name: string): string | undefined {
    if (Object.hasOwn(this.#changes, name)) return this.#changes[name];
    return Object.hasOwn(this.#base, name) ? this.#base[name] : undefined;
  }

  set(name: string, value: string): void {
    this.#changes[name] = value;
  }

  unset(name: string): void {
    delete this.#changes[name];
    if (!Object.hasOwn(this.#base, name)) return;
    const { [name]: _gone, ...rest } = this.#base;
    this.#base = rest;
  }

  /** What it started from, unchanged unless variables were unset: the same object for many jobs. */
  get base(): Environment {
    return this.#base;
  }

  /** What differs from the base. A copy. */
  get changes(): Record<string, string> {
    return { ...this.#changes };
  }

  toObject(): Record<string, string> {
    return { ...this.#base, ...this.#changes };
  }
}
