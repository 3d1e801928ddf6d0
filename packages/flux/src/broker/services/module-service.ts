import type { Handlers } from "@flux-ts/client/dispatcher";
import { later } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { ModuleStatus, module } from "@flux-ts/protocol/services/module";
import { MessageTrace } from "../message-trace.ts";
import type { ModuleTable } from "../module-table.ts";
import type { Router } from "../router.ts";

/** Loads a module by path or name; gives the arguments of `module.load`. */
export type LoadModule = (request: {
  path: string;
  args: string[];
  name?: string | undefined;
  loader?: string | undefined;
  exec?: boolean | undefined;
}) => Promise<void>;

/** The `module` service. */
export function moduleService(
  table: ModuleTable,
  router: Router,
  load: LoadModule,
): Handlers<typeof module> {
  const traces = new RequestSet<JsonObject>(() => {
    if (traces.size === 0) router.trace = undefined;
  });
  const trace = new MessageTrace(traces);
  return {
    load,
    remove: ({ name }) => table.remove(name),
    list: () => ({ mods: table.all.map((loaded) => describe(loaded, router)) }),
    status({ status, errnum = 0 }, request) {
      const loaded = table.senderOf(request);
      if (!loaded) return;
      // Answer first: a module that has exited cannot be answered.
      request.respond(undefined);
      table.onStatus(loaded, status as ModuleStatus, errnum);
    },
    debug({ name }) {
      table.require(name);
    },
    trace(args, request) {
      for (const name of args.names) {
        if (!table.get(name)) throw new FluxError("ENOENT", `${name} module is not loaded`);
      }
      trace.add(args, request);
      router.trace = (direction, port, message) => trace.see(direction, port.name, message);
      return later;
    },
    disconnect: (_args, request) => traces.disconnect(request),
  };
}

function describe(loaded: ReturnType<ModuleTable["require"]>, router: Router) {
  const { name, path, port, hosted, status } = loaded;
  return {
    name,
    path,
    idle: Math.max(0, Math.floor(Date.now() / 1000 - port.lastActive)),
    status,
    services: router.services.namesOf(port).filter((service) => service !== name),
    sendqueue: hosted.transport.backlog ?? 0,
    recvqueue: 0,
  };
}
