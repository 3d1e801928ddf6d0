import type { Handlers } from "@flux-ts/client/dispatcher";
import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { broker } from "@flux-ts/protocol/services/broker";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { pingResponse } from "../../plugins/ping.ts";
import { resourceUsage } from "../../plugins/rusage.ts";

/** The `broker` service; `builtin` are the paths of this installation. */
export function brokerService(builtin: Readonly<Record<string, string>>): Handlers<typeof broker> {
  return {
    getenv({ names }) {
      const env: Record<string, string> = {};
      for (const name of names) {
        const value = process.env[name];
        if (value !== undefined) env[name] = value;
      }
      return { env };
    },
    setenv({ env }) {
      const bad = Object.keys(env).find((name) => name === "" || name.includes("="));
      if (bad !== undefined) {
        throw new FluxError("EPROTO", `Protocol error: "${bad}" cannot be a variable's name`);
      }
      for (const [name, value] of Object.entries(env)) {
        if (value === null) delete process.env[name];
        else process.env[name] = value;
      }
    },
    confBuiltin({ keys }) {
      const values: Record<string, string> = {};
      for (const key of keys) {
        if (typeof key !== "string") continue;
        const value = Object.hasOwn(builtin, key) ? builtin[key] : undefined;
        if (value === undefined) throw new FluxError("EINVAL", `${key}: invalid key`);
        values[key] = value;
      }
      return { values };
    },
    disconnect: () => undefined,
  };
}

/** What modules answer by default, for the broker's own services under the name `broker`. */
export function serveBrokerDefaults(flux: Flux, rank: number, uuid: string): void {
  const methods = moduleDefaults("broker");
  flux.serve(methods.ping, (args, { message }) => pingResponse(args, message, rank, uuid));
  flux.serve(methods.rusage, ({ who = "self" }) => resourceUsage(who));
  flux.serve(methods.statsGet, () => ({
    tx: flux.counters.tx.toJson(),
    rx: flux.counters.rx.toJson(),
  }));
  flux.serve(methods.statsClear, () => {
    flux.counters.tx.clear();
    flux.counters.rx.clear();
  });
  flux.serve(methods.configReload, () => undefined);
}
