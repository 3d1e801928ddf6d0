import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { defineModule } from "../../plugins/module.ts";
import { ownerOnly, serveSubprocesses } from "../../subprocess/serve.ts";
import { SubprocessServer } from "../../subprocess/server.ts";

const sigterm = 15;
const sigkill = 9;
/** How long processes have to end by themselves when the module is unloaded. */
const graceMs = 5000;

/** Runs processes on this broker for the instance owner (RFC 42). */
export default defineModule({
  name: "rexec",
  host: "inline",
  start(context) {
    const { flux, rank } = context;
    const server = new SubprocessServer({
      localUri: context.attr("local-uri") ?? "",
      log: (severity, text) => context.log(severity, text),
    });
    serveSubprocesses(flux, server, {
      service: "rexec",
      rank,
      authorize(request) {
        ownerOnly(request);
        const { access } = context.config;
        const hasGuests = isJsonObject(access) && access["allow-guest-user"] === true;
        if (rank === 0 && hasGuests && !request.isLocal) {
          throw new FluxError("EPERM", "Remote rexec requests are not allowed on rank 0");
        }
      },
    });
    return {
      async stop() {
        const timer = setTimeout(() => void server.shutdown(sigkill), graceMs);
        await server.shutdown(sigterm);
        clearTimeout(timer);
      },
    };
  },
});
