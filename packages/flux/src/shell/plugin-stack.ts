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

  /** Load what applies to this job. A later plugin takes the place of one of the same name. */
  load(shell: Shell, plugins: readonly ShellPlugin[]): void {
    const last = new Map(plugins.map((plugin) => [plugin.name, plugin]));
    for (const plugin of plugins) {
      if (last.get(plugin.name) !== plugin) continue;
      const callbacks = plugin.load(shell);
      if (callbacks) this.#loaded.push(callbacks);
    }
  }

  /** Somebody wants to be called at this. */
  has(topic: Topic): boolean {
    return this.#loaded.some((callbacks) => callbacks[topic] !== undefined);
  }

  /** Call all that want it, one after the other. A promise only if one of them returned one. */
  call<K extends Topic>(topic: K, ...args: ArgsOf<K>): void | Promise<void> {
    return this.#callFrom(0, topic, args);
  }

  /** As `call`, for topics whose callbacks are plain functions; an error goes to `onError`. */
  callEach<K extends Topic>(topic: K, onError: (error: unknown) => void, ...args: ArgsOf<K>): void {
    for (const callbacks of this.#loaded) {
      const callback = callbacks[topic] as ((...args: ArgsOf<K>) => unknown) | undefined;
      if (!callback) continue;
      try {
        callback.apply(callbacks, args);
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
    for (let i = start; i < this.#loaded.length; i++) {
      const callbacks = this.#loaded[i]!;
      const callback = callbacks[topic] as ((...args: ArgsOf<K>) => unknown) | undefined;
      const result = callback?.apply(callbacks, args);
      if (result instanceof Promise) return result.then(() => this.#callFrom(i + 1, topic, args));
    }
  }
}
