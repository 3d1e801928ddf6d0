import { FluxError } from "@flux-ts/protocol/rpc/error";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import type { Attributes } from "./attributes.ts";

/** How long the broker bears delays, in seconds; undefined: for ever. */
export interface Timeouts {
  readonly quorumWarn: number | undefined;
  readonly shutdownWarn: number | undefined;
  readonly shutdown: number | undefined;
  readonly cleanup: number | undefined;
  readonly unloadBuiltins: number | undefined;
}

/** The timeouts in the broker's attributes: durations (RFC 23) or `none`. Throws EINVAL naming one. */
export function timeoutsOf(attributes: Attributes): Timeouts {
  const seconds = (name: string): number | undefined => {
    const text = attributes.get(name);
    if (text === undefined || text === "none") return undefined;
    try {
      const value = parseDuration(text);
      return Number.isFinite(value) ? value : undefined;
    } catch (cause) {
      throw new FluxError("EINVAL", `Error parsing ${name} attribute: ${text}`, { cause });
    }
  };
  return {
    quorumWarn: seconds("broker.quorum-warn"),
    shutdownWarn: seconds("broker.shutdown-warn"),
    shutdown: seconds("broker.shutdown-timeout"),
    cleanup: seconds("broker.cleanup-timeout"),
    unloadBuiltins: seconds("broker.unload-builtins-timeout"),
  };
}
