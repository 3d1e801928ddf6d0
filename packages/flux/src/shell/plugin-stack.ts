import type { ShellCallbacks, ShellPlugin } from "./plugin.ts";
import type { Shell } from "./shell.ts";

type Topic = {
  [K in keyof ShellCallbacks]-?: NonNullable<ShellCallbacks[K]> extends (
    ...args: never[]
  ) => unknown
    ? K
    : never;
}[keyof ShellCallbacks];
type ArgsOf<K extends Topic> = Parameters<NonNullable<ShellCallbacks[K]>>;

/** The plugins of one shell, in order of loading. */
export class PluginStack {
  readonly #loaded: ShellCallbacks[] = [];
  /** Those that want to be called at a topic, found when it comes up first. */
  readonly #listeners = new Map<Topic, readonly ShellCallbacks[]>();

  /** Load what applies to this job. A later plugin takes the place of one of the same name. */
  load(shell: Shell, plugins: readonly ShellPlugin[]): void {
    for (const plugin of effective(plugins)) {
      const callbacks = plugin.load(shell);
      if (callbacks) this.#loaded.push(callbacks);
      this.#listeners.clear();
    }
  }

  /** Somebody wants to be called at this. */
  has(topic: Topic): boolean {
    return this.#at(topic).length > 0;
  }

  /** Call all that want it, one after the other. A promise only if one of them returned one. */
  call<K extends Topic>(topic: K, ...args: ArgsOf<K>): void | Promise<void> {
    return this.#callFrom(0, topic, args);
  }

  /** As `call`, for topics whose callbacks are plain functions; an error goes to `onError`. */
  callEach<K extends Topic>(topic: K, onError: (error: unknown) => void, ...args: ArgsOf<K>): void {
    for (const callbacks of this.#at(topic)) {
      try {
        invoke(callbacks, topic, args);
      } catch (error) {
        onError(error);
      }
    }
  }

  /** Call all that want it, whatever becomes of the others. */
  async callAll<K extends Topic>(
    topic: K,
    onError: (error: unknown) => void,
    ...args: ArgsOf<K>
  ): Promise<void> {
    for (const callbacks of this.#at(topic)) {
      try {
        const result = invoke(callbacks, topic, args);
        if (result instanceof Promise) await result;
      } catch (error) {
        onError(error);
      }
    }
  }

  taskmap(scheme: string): NonNullable<ShellCallbacks["taskmap"]>[string] | undefined {
    for (const { taskmap } of this.#loaded) {
      if (taskmap && Object.hasOwn(taskmap, scheme)) return taskmap[scheme];
    }
    return undefined;
  }

  mustache(tag: string): string | undefined {
    for (const { mustache } of this.#loaded) {
      if (mustache && Object.hasOwn(mustache, tag)) return mustache[tag]?.();
    }
    return undefined;
  }

  #callFrom<K extends Topic>(start: number, topic: K, args: ArgsOf<K>): void | Promise<void> {
    const listeners = this.#at(topic);
    for (let i = start; i < listeners.length; i++) {
      const result = invoke(listeners[i]!, topic, args);
      if (result instanceof Promise) return result.then(() => this.#callFrom(i + 1, topic, args));
    }
  }

  #at(topic: Topic): readonly ShellCallbacks[] {
    let listeners = this.#listeners.get(topic);
    if (!listeners) {
      listeners = this.#loaded.filter((callbacks) => callbacks[topic] !== undefined);
      this.#listeners.set(topic, listeners);
    }
    return listeners;
  }
}

const known = new WeakMap<readonly ShellPlugin[], readonly ShellPlugin[]>();

/** Without those that a later one of the same name replaces; worked out once for a list. */
function effective(plugins: readonly ShellPlugin[]): readonly ShellPlugin[] {
  let result = known.get(plugins);
  if (!result) {
    const last = new Map(plugins.map((plugin) => [plugin.name, plugin]));
    result = plugins.filter((plugin) => last.get(plugin.name) === plugin);
    known.set(plugins, result);
  }
  return result;
}

function invoke<K extends Topic>(callbacks: ShellCallbacks, topic: K, args: ArgsOf<K>): unknown {
  return (callbacks[topic] as (...args: ArgsOf<K>) => unknown).apply(callbacks, args);
}
