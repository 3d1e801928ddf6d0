import type { Handlers } from "@flux-ts/client/dispatcher";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { service } from "@flux-ts/protocol/services/service";
import type { Router } from "../router.ts";
import { portOf } from "./event-service.ts";

/** The `service` service: modules (and clients, through their connector) register names here. */
export function serviceService(router: Router): Handlers<typeof service> {
  return {
    add({ service: name }, request) {
      if (!request.isOwner && !name.startsWith(`${request.userid}-`)) {
        throw new FluxError("EPERM", `guests may only register services named ${request.userid}-*`);
      }
      router.services.add(name, portOf(router, request));
    },
    remove({ service: name }, request) {
      router.services.remove(name, portOf(router, request));
    },
  };
}
