import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { type BuiltinOptions, builtins, loadable } from "./builtins.ts";
import type { AnyMethod } from "./effect.ts";
import { jobtapApi } from "./jobtap-api.ts";
import type { JobtapFactory, JobtapPlugin, JobtapService } from "./jobtap-plugin.ts";
import type { Manager } from "./manager.ts";
import { prioritizeAll } from "./prioritize.ts";

interface JobtapLoaderOptions extends Pick<BuiltinOptions, "expiration"> {
  readonly serve: (method: AnyMethod, handler: JobtapService) => void;
  readonly unserve: (topic: string) => void;
}

/** Loads and removes jobtap plugins while jobs go on. */
export class JobtapLoader {
  readonly #manager: Manager;
  readonly #options: JobtapLoaderOptions;
  readonly #builtins: Map<string, JobtapFactory>;
  #config: JsonObject = {};

  constructor(manager: Manager, options: JobtapLoaderOptions) {
    this.#manager = manager;
    this.#options = options;
    const { expiration } = options;
    this.#builtins = builtins({ queues: manager.queues, expiration });
  }

  /** Load all built-in plugins, then what the `job-manager.plugins` table says. EINVAL. */
  start(config: JsonObject): void {
    this.#config = config;
    for (const path of this.#builtins.keys()) this.#add(path, {});
    const table = config["job-manager"];
    const entries = isJsonObject(table) ? table.plugins : undefined;
    if (entries === undefined) return;
    if (!Array.isArray(entries)) {
      throw new FluxError("EINVAL", "[job-manager.plugins] config must be an array");
    }
    for (const [index, entry] of entries.entries()) this.#applyEntry(entry, index);
  }

  #applyEntry(entry: Json, index: number): void {
    const where = `[job-manager.plugins][${index}]`;
    if (!isJsonObject(entry)) throw new FluxError("EINVAL", `${where}: must be a table`);
    const { load, remove, conf } = entry;
    const attempt = (what: string, run: () => void): void => {
      try {
        run();
      } catch (error) {
        if (!(error instanceof FluxError)) throw error;
        throw new FluxError("EINVAL", `${where}: ${what}: ${error.message}`);
      }
    };
    if (typeof remove === "string") attempt(`remove ${remove}`, () => this.remove(remove));
    if (typeof load === "string") attempt("load", () => this.load(load, conf));
  }

  /** The configuration has changed. Throws EINVAL if a plugin refuses it. */
  configure(config: JsonObject): void {
    this.#manager.jobtap.configure(config);
    this.#config = config;
  }

  /** Load a plugin and make it known to the jobs there are. ENOENT, EEXIST, EINVAL. */
  load(path: string, conf: Json | undefined): void {
    if (conf !== undefined && conf !== null && !isJsonObject(conf)) {
      throw new FluxError("EINVAL", "jobtap: plugin conf must be a JSON object");
    }
    const plugin = this.#add(path, conf ?? {});
    for (const job of [...this.#manager.jobs.active.values()]) {
      plugin.callbacks.get("job.create")?.(job, {});
      plugin.callbacks.get("job.new")?.(job, {});
      if (job.state === JobState.DEPEND) plugin.callbacks.get("job.state.depend")?.(job, {});
    }
    prioritizeAll(this.#manager);
  }

  #add(path: string, conf: JsonObject): JobtapPlugin {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const { jobtap } = this.#manager;
    if (jobtap.plugins.some((each) => each.name === name)) {
      throw new FluxError("EEXIST", `${name} already loaded`);
    }
    const api = jobtapApi(this.#manager, () => plugin);
    const parts = this.#factoryOf(path, name)(api, conf);
    const plugin: JobtapPlugin = { name, path: path.startsWith(".") ? "builtin" : path, ...parts };
    plugin.configure?.(this.#config);
    jobtap.add(plugin);
    for (const { method, handler } of plugin.services ?? []) this.#options.serve(method, handler);
    return plugin;
  }

  /** Names of flux-core's plugins work although ours are no shared objects. */
  #factoryOf(path: string, name: string): JobtapFactory {
    const factory = this.#builtins.get(path) ?? loadable.get(name.replace(/\.so$/, ""));
    if (factory) return factory;
    throw new FluxError("ENOENT", `${path}: No such plugin found`);
  }

  /** Remove plugins by name or glob; `all` means those that are not built in. ENOENT. */
  remove(pattern: string): void {
    const { jobtap } = this.#manager;
    const isAll = pattern === "all";
    const matches = isAll ? /^[^.]/ : globPattern(pattern);
    const removed = jobtap.plugins.filter(({ name }) => matches.test(name));
    if (removed.length === 0 && !isAll) {
      throw new FluxError("ENOENT", "Failed to find plugin to remove");
    }
    for (const plugin of removed) {
      jobtap.delete(plugin);
      for (const { method } of plugin.services ?? []) this.#options.unserve(method.topic);
    }
  }

  list(): string[] {
    return this.#manager.jobtap.plugins.map(({ name }) => name);
  }

  /** ENOENT if there is no plugin of that name. */
  query(name: string): JsonObject {
    const plugin = this.#manager.jobtap.plugins.find((each) => each.name === name);
    if (!plugin) throw new FluxError("ENOENT", `${name}: plugin not found`);
    return { name, path: plugin.path, ...plugin.query?.() };
  }
}

/** A shell pattern; a leading period has to be given (fnmatch FNM_PERIOD). */
function globPattern(glob: string): RegExp {
  const source = glob
    .replace(/[\\^$+.()|{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  const lead = /^[*?[]/.test(glob) ? "(?!\\.)" : "";
  try {
    return new RegExp(`^${lead}${source}$`);
  } catch (cause) {
    throw new FluxError("EINVAL", `${glob} is not a pattern`, { cause });
  }
}
