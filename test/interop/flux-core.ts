import { existsSync } from "node:fs";
import { notBuilt } from "../cli/flux-command.ts";

/** Where flux-core is installed; the tests compare and connect with it. */
export const fluxCorePrefix = process.env.FLUX_CORE_PREFIX ?? "";
/** flux-core's own command. */
export const fluxCoreCommand = `${fluxCorePrefix}/bin/flux`;

/** Why tests with flux-core cannot run; undefined if they can. */
export const noFluxCore =
  notBuilt ??
  (existsSync(fluxCoreCommand)
    ? undefined
    : "no flux-core: set FLUX_CORE_PREFIX to where it is installed");
