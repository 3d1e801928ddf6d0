import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Port } from "./port.ts";

/** Which module serves which service name on this broker (RFC 5: the first word of a topic). */
export class ServiceTable {
  readonly #owners = new Map<string, Port>();

  /** EEXIST if the name is taken, EINVAL if it has a dot. */
  add(name: string, port: Port): void {
    if (name === "" || name.includes(".")) {
      throw new FluxError("EINVAL", `service name "${name}" must not be empty or contain a dot`);
    }
    if (this.#owners.has(name)) {
      throw new FluxError("EEXIST", `service ${name} is already registered`);
    }
    this.#owners.set(name, port);
  }

  /** ENOENT if `port` does not have it. */
  remove(name: string, port: Port): void {
    if (this.#owners.get(name) !== port) {
      throw new FluxError("ENOENT", `service ${name} is not registered by ${port.name}`);
    }
    this.#owners.delete(name);
  }

  removeAll(port: Port): void {
    for (const [name, owner] of this.#owners) if (owner === port) this.#owners.delete(name);
  }

  of(topic: string): Port | undefined {
    return this.#owners.get(serviceName(topic));
  }

  /** Names that `port` serves, sorted. */
  namesOf(port: Port): string[] {
    const names: string[] = [];
    for (const [name, owner] of this.#owners) if (owner === port) names.push(name);
    return names.sort();
  }
}

export function serviceName(topic: string): string {
  const dot = topic.indexOf(".");
  return dot < 0 ? topic : topic.slice(0, dot);
}
