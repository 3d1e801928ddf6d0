import type { ModuleDefinition } from "../plugins/module.ts";

export interface Builtin {
  readonly load: () => Promise<{ default: ModuleDefinition }>;
  /** Loaded by rc1 on rank 0 only. */
  readonly leaderOnly?: true;
}

/** The modules that come with flux-ts, by name: the one place of the broker that names them. */
export const builtins: Readonly<Record<string, Builtin>> = {
  "connector-local": { load: () => import("../modules/connector-local/connector-local.ts") },
  groups: { load: () => import("../modules/groups/groups.ts") },
  rexec: { load: () => import("../modules/rexec/rexec.ts") },
  heartbeat: { load: () => import("../modules/heartbeat/heartbeat.ts") },
  content: { load: () => import("../modules/content/content.ts") },
  "content-sqlite": {
    load: () => import("../modules/content-sqlite/content-sqlite.ts"),
    leaderOnly: true,
  },
  "content-files": {
    load: () => import("../modules/content-files/content-files.ts"),
    leaderOnly: true,
  },
  kvs: { load: () => import("../modules/kvs/kvs.ts") },
  "kvs-watch": { load: () => import("../modules/kvs-watch/kvs-watch.ts") },
  resource: { load: () => import("../modules/resource/resource.ts") },
  "job-manager": {
    load: () => import("../modules/job-manager/job-manager.ts"),
    leaderOnly: true,
  },
  "job-ingest": { load: () => import("../modules/job-ingest/job-ingest.ts") },
  "job-info": { load: () => import("../modules/job-info/job-info.ts") },
  "job-list": { load: () => import("../modules/job-list/job-list.ts"), leaderOnly: true },
  "job-exec": { load: () => import("../modules/job-exec/job-exec.ts"), leaderOnly: true },
  "sched-simple": {
    load: () => import("../modules/sched-simple/sched-simple.ts"),
    leaderOnly: true,
  },
};
