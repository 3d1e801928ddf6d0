import { group, lazy } from "../command.ts";

export default group({
  name: "module",
  summary: "manage Flux broker modules",
  dialect: "A",
  usage: "COMMAND [OPTIONS]",
  listing: "options",
  listingTitle: "flux module subcommands:",
  helpStatus: 1,
  commands: {
    list: lazy("List loaded modules", () => import("./module/list.ts")),
    remove: lazy("Unload module", () => import("./module/remove.ts")),
    unload: lazy("Unload module", () => import("./module/remove.ts")),
    load: lazy("Load module", () => import("./module/load.ts")),
    reload: lazy("Reload module", () => import("./module/reload.ts")),
    stats: lazy("Display stats on module", () => import("./module/stats.ts")),
    debug: lazy("Get/set module debug flags", () => import("./module/debug.ts")),
    trace: lazy("Trace module messages", () => import("./module/trace.ts")),
  },
});
