import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Queue } from "./queue.ts";

type QueueChange = "start" | "stop";

interface QueueTarget {
  /** Undefined: the anonymous queue, or all named ones. */
  readonly name?: string | undefined;
}

/**
 * The queues of the instance (RFC 33): one anonymous queue, or any number of named ones as configured in
 * the `queues` table.
 */
export class Queues {
  #anonymous = new Queue(undefined);
  /** Empty: there is only the anonymous queue. */
  readonly #named = new Map<string, Queue>();
  readonly #onChange: (change: QueueChange, name: string | undefined) => void;

  /** `onChange`: a queue was started or stopped, so that its jobs ask for resources or no longer do. */
  constructor(onChange: (change: QueueChange, name: string | undefined) => void) {
    this.#onChange = onChange;
  }

  get names(): string[] {
    return [...this.#named.keys()];
  }

  /** EINVAL if there is no such queue. */
  lookup(name: string | undefined): Queue {
    if (name !== undefined) {
      const queue = this.#named.get(name);
      if (!queue) throw new FluxError("EINVAL", `'${name}' is not a valid queue`);
      return queue;
    }
    if (this.#named.size > 0) throw new FluxError("EINVAL", "a named queue is required");
    return this.#anonymous;
  }

  /** False too for a queue that is not there any more. */
  isStarted(name: string | undefined): boolean {
    if (this.#named.size === 0) return name === undefined && this.#anonymous.isStarted;
    return name !== undefined && (this.#named.get(name)?.isStarted ?? false);
  }

  /** Throws EINVAL if jobs for this queue are not accepted now. */
  checkSubmit(name: string | undefined): void {
    const queue = this.lookup(name);
    if (queue.isEnabled) return;
    const to = name === undefined ? "" : ` to ${name}`;
    const text = `job submission${to} is disabled: ${queue.disableReason ?? ""}`;
    throw new FluxError("EINVAL", text);
  }

  /** Follow the `queues` table of the configuration. Queues that stay keep their state. */
  configure(table: Json | undefined): void {
    const wanted = isJsonObject(table) ? table : {};
    for (const [name, config] of Object.entries(wanted)) {
      if (!isJsonObject(config)) {
        throw new FluxError("EINVAL", `queue ${name}: configuration must be a table`);
      }
    }
    const hadNames = this.#named.size > 0;
    for (const name of this.names) if (!Object.hasOwn(wanted, name)) this.#named.delete(name);
    for (const [name, config] of Object.entries(wanted)) {
      const requires = propertiesOf(config);
      const queue = this.#named.get(name);
      if (queue) queue.requires = requires;
      else this.#named.set(name, new Queue(name, requires));
    }
    if (hadNames && this.#named.size === 0) this.#anonymous = new Queue(undefined);
  }

  /** EINVAL: no such queue, no reason for disabling, or no `all` where all are meant. */
  enable(args: QueueTarget & { enable: boolean; reason?: string | undefined; all: boolean }): void {
    const { enable, reason } = args;
    if (!enable && reason === undefined) {
      throw new FluxError("EINVAL", "reason is required for disable");
    }
    for (const queue of this.#targets(args)) {
      if (enable) queue.enable();
      else queue.disable(reason);
    }
  }

  start(
    args: QueueTarget & {
      start: boolean;
      reason?: string | undefined;
      all: boolean;
      nocheckpoint?: boolean | undefined;
    },
  ): void {
    const isKept = !args.nocheckpoint;
    for (const queue of this.#targets(args)) {
      if (args.start) queue.start({ isKept });
      else queue.stop(args.reason, { isKept });
      this.#onChange(args.start ? "start" : "stop", queue.name);
    }
  }

  #targets({ name, all }: QueueTarget & { all: boolean }): Queue[] {
    if (name !== undefined || this.#named.size === 0) return [this.lookup(name)];
    if (!all) {
      throw new FluxError("EINVAL", "Use --all to apply this command to all queues");
    }
    return [...this.#named.values()];
  }

  /** For the checkpoint (wire-jobs §4.5). */
  save(): JsonObject[] {
    const queues = this.#named.size > 0 ? this.#named.values() : [this.#anonymous];
    return Array.from(queues, (queue) => queue.save());
  }

  /**
   * Bring back what was saved; queues that are gone are ignored. `stopStarted`: the administrator wants to
   * start them himself after a restart.
   */
  restore(saved: readonly Json[], options: { stopStarted: boolean }): void {
    const isKept = true;
    for (const entry of saved) {
      if (!isJsonObject(entry)) continue;
      const queue = this.#find(textAt(entry, "name"));
      if (!queue) continue;
      // "reason" is how older versions spelled it.
      if (entry.enable === false) {
        queue.disable(textAt(entry, "disable_reason") ?? textAt(entry, "reason"));
      } else {
        queue.enable();
      }
      if (typeof entry.start !== "boolean") continue;
      if (!entry.start) queue.stop(textAt(entry, "stop_reason"), { isKept });
      else if (!options.stopStarted) queue.start({ isKept });
      else queue.stop("Automatically stopped due to restart", { isKept });
    }
  }

  #find(name: string | undefined): Queue | undefined {
    if (name !== undefined) return this.#named.get(name);
    return this.#named.size > 0 ? undefined : this.#anonymous;
  }
}

function propertiesOf(config: Json | undefined): readonly string[] | undefined {
  const requires = isJsonObject(config) ? config.requires : undefined;
  if (!Array.isArray(requires)) return undefined;
  return requires.filter((property): property is string => typeof property === "string");
}

function textAt(entry: JsonObject, key: string): string | undefined {
  const value = entry[key];
  return typeof value === "string" ? value : undefined;
}
