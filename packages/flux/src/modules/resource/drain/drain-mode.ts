import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Overwrite } from "./drain-state.ts";

/** How a drain or undrain request treats targets that are in that state already. */
export interface DrainMode {
  readonly overwrite: Overwrite;
  /** Refuse the request if one is. */
  readonly isStrict: boolean;
}

/** The `mode` of a drain or undrain request. Throws EINVAL with `refusal` as text. */
export function drainMode(mode: string | undefined, refusal: string): DrainMode {
  switch (mode) {
    case undefined:
      return { overwrite: 0, isStrict: true };
    case "update":
      return { overwrite: 0, isStrict: false };
    case "overwrite":
      return { overwrite: 1, isStrict: false };
    case "force-overwrite":
      return { overwrite: 2, isStrict: false };
    default:
      throw new FluxError("EINVAL", refusal);
  }
}
