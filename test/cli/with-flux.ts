import { dirname } from "node:path";
import { fluxCommand } from "@flux-ts/testing/instance";

/** A shell script in which `flux` is the command of this repository. */
export function withFlux(script: string): string {
  return `PATH=${dirname(fluxCommand)}:$PATH; ${script}`;
}
