import { existsSync } from "node:fs";
import { type Ended, Instance, type InstanceOptions, notBuilt } from "./instance.ts";

/** Where flux-core is installed; the tests compare and connect with it. */
const fluxCorePrefix = process.env.FLUX_CORE_PREFIX ?? "";
/** flux-core's own command. */
export const fluxCoreCommand = `${fluxCorePrefix}/bin/flux`;

/** Why tests with flux-core cannot run; undefined if they can. */
export const noFluxCore =
  notBuilt ??
  (fluxCorePrefix !== "" && existsSync(fluxCoreCommand)
    ? undefined
    : "no flux-core: set FLUX_CORE_PREFIX to where it is installed");

if (noFluxCore !== undefined) console.warn(`tests with flux-core are skipped: ${noFluxCore}`);

/** An instance whose brokers are flux-core's. */
export function startFluxCore(options: Omit<InstanceOptions, "command"> = {}): Promise<Instance> {
  return Instance.start({ ...options, command: fluxCoreCommand });
}

/** Run a Python script with flux-core's bindings in an instance. */
export function python(instance: Instance, script: string): Promise<Ended> {
  return instance.run(fluxCoreCommand, ["python", "-c", script]);
}
