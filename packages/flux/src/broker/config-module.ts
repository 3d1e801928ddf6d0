import { later } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { config } from "@flux-ts/protocol/services/config";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { defineModule, type ModuleDefinition } from "../plugins/module.ts";
import type { BrokerCore } from "./core.ts";

/**
 * The configuration of the instance (wire-broker §5.7): the leader reads it, followers take their
 * parent's. A change is offered to every module, and taken back if one refuses it.
 */
export function configModule(
  core: BrokerCore,
  read: () => JsonObject | undefined,
): ModuleDefinition {
  return defineModule({
    name: "config",
    host: "inline",
    start({ flux, rank }) {
      const streams = new RequestSet<JsonObject>();
      const change = async (next: JsonObject): Promise<void> => {
        if (rank !== 0) {
          throw new FluxError("EINVAL", "configuration can only be changed on rank 0");
        }
        await applyConfig(core, next);
        streams.respondAll(next);
      };
      flux.serve(config.get, (_args, request) => {
        if (!request.isStreaming) return core.config;
        request.respond(core.config);
        streams.add(request);
        return later;
      });
      flux.serve(config.reload, async () => {
        const next = read();
        if (next) await change(next);
      });
      flux.serve(config.load, (next) => change(next));
      flux.serve(config.disconnect, (_args, request) => streams.disconnect(request));
      core.onConfig = (next) => streams.respondAll(next);
      return { stop: () => streams.endAll(new FluxError("ENOSYS")) };
    },
  });
}

/** Give every module a new configuration; if one refuses, give the old one back and throw its error. */
export async function applyConfig(core: BrokerCore, next: JsonObject): Promise<void> {
  const previous = core.config;
  const informed: string[] = [];
  try {
    for (const { name } of core.modules.all) {
      if (name === "config") continue;
      informed.push(name);
      await tell(core, name, next);
    }
  } catch (error) {
    for (const name of informed) await tell(core, name, previous).catch(() => {});
    throw error;
  }
  core.config = next;
}

async function tell(core: BrokerCore, name: string, next: JsonObject): Promise<void> {
  try {
    await core.flux.call(moduleDefaults(name).configReload, next, { nodeid: core.rank });
  } catch (error) {
    if (!isErrno(error, "ENOSYS")) throw error;
  }
}
