import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import type { ModuleRuntime } from "./module-runtime.ts";
import { pingResponse } from "./ping.ts";
import { resourceUsage } from "./rusage.ts";

/** Serve what every module answers under its own name (wire-broker §5.1). A module may replace each. */
export function serveDefaults(runtime: ModuleRuntime): void {
  const { flux, name } = runtime;
  const methods = moduleDefaults(name);
  flux.serve(methods.ping, (args, { message }) =>
    pingResponse(args, message, runtime.rank, runtime.uuid),
  );
  flux.serve(methods.statsGet, () => runtime.instance.stats?.() ?? countersOf(runtime));
  flux.serve(methods.statsClear, () => {
    flux.counters.rx.clear();
    flux.counters.tx.clear();
    runtime.instance.statsClear?.();
  });
  flux.serve(methods.rusage, ({ who = "self" }) => resourceUsage(who));
  flux.serve(methods.debug, ({ op, flags }) => {
    runtime.debugFlags = debugFlags(runtime.debugFlags, op, flags);
    return { flags: runtime.debugFlags };
  });
  flux.serve(methods.configReload, async (config) => {
    await runtime.instance.configReload?.(config);
    runtime.config = config;
  });
  flux.serve(methods.shutdown, () => runtime.shutdown());
}

function countersOf(runtime: ModuleRuntime) {
  const { tx, rx } = runtime.flux.counters;
  return { tx: tx.toJson(), rx: rx.toJson() };
}

function debugFlags(current: number, op: string, flags: number): number {
  switch (op) {
    case "setbit":
      return current | flags;
    case "clrbit":
      return current & ~flags;
    case "set":
      return flags;
    case "clr":
      return 0;
    default:
      throw new FluxError(Errno.EPROTO, `debug operation "${op}" is unknown`);
  }
}
