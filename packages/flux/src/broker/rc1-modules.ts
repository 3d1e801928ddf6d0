/** One module of rc1: where it is loaded and what must run before it (cli.md §5.1 has the table). */
export interface Rc1Module {
  readonly name: string;
  readonly leaderOnly?: true;
  readonly after: readonly string[];
  readonly args?: readonly string[];
}

/** What rc1 loads, in an order that respects `after`. */
export const rc1Modules: readonly Rc1Module[] = [
  { name: "heartbeat", after: [] },
  { name: "content", after: [] },
  { name: "content-sqlite", leaderOnly: true, after: ["content"] },
  { name: "kvs", after: ["content", "content-sqlite"] },
  { name: "kvs-watch", after: ["kvs"] },
  { name: "job-info", after: ["kvs", "kvs-watch"] },
  { name: "resource", after: ["kvs", "kvs-watch"] },
  { name: "job-manager", leaderOnly: true, after: ["kvs", "resource"] },
  { name: "job-ingest", after: ["kvs", "job-manager"] },
  { name: "job-exec", leaderOnly: true, after: ["job-manager"] },
  { name: "job-list", leaderOnly: true, after: ["job-manager"] },
  { name: "sched-simple", leaderOnly: true, after: ["job-manager", "resource"] },
];

export interface Rc1Options {
  readonly rank: number;
  /** Attribute `content.backing-module`: what stands in for content-sqlite. */
  readonly backing: string | undefined;
  /** Modules not to load: FLUX_MODPROBE_DISABLE, `[modules.NAME] disabled`. */
  readonly disabled: ReadonlySet<string>;
}

/** The modules this broker loads; dependencies on ones it does not load are dropped. */
export function modulesOf(options: Rc1Options): Rc1Module[] {
  const { rank, backing = "content-sqlite", disabled } = options;
  const renamed = (name: string): string => (name === "content-sqlite" ? backing : name);
  const chosen = rc1Modules
    .filter(({ leaderOnly }) => rank === 0 || !leaderOnly)
    .map((entry) => ({ ...entry, name: renamed(entry.name), after: entry.after.map(renamed) }))
    .filter(({ name }) => name !== "none" && !disabled.has(name));
  const names = new Set(chosen.map(({ name }) => name));
  return chosen.map((entry) => ({
    ...entry,
    after: entry.after.filter((name) => names.has(name)),
  }));
}

/**
 * Load modules, each as soon as those before it run. Rejects with the first failure, when all have settled.
 */
export async function loadInOrder(
  modules: readonly Rc1Module[],
  load: (module: Rc1Module) => Promise<void>,
): Promise<void> {
  const loading = new Map<string, Promise<void>>();
  for (const entry of modules) {
    const before = entry.after.map((name) => loading.get(name));
    loading.set(
      entry.name,
      Promise.all(before).then(() => load(entry)),
    );
  }
  const results = await Promise.allSettled(loading.values());
  const failed = results.find((result) => result.status === "rejected");
  if (failed) throw failed.reason;
}
