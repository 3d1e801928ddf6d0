import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { groups } from "@flux-ts/protocol/services/groups";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Severity } from "../plugins/module.ts";

/**
 * Brokers that must be online before the instance runs: a number, or flux-core's older idset form
 * (`0` is 1, `0-N` is N+1), which `warn` is told of. Throws EINVAL.
 */
export function quorumSize(
  value: string | undefined,
  size: number,
  warn: (text: string) => void,
): number {
  if (value === undefined) return size;
  const range = /^0-(\d+)$/.exec(value);
  const legacy = value === "0" ? 1 : range ? Number(range[1]) + 1 : undefined;
  const count = legacy ?? (/^\d+$/.test(value) ? Number(value) : Number.NaN);
  if (!(count >= 1 && count <= size)) {
    throw new FluxError("EINVAL", `Error parsing broker.quorum attribute: ${value}`);
  }
  if (legacy !== undefined) {
    warn(`broker.quorum: interpreting idset "${value}" as a size, assuming ${count}`);
  }
  return count;
}

export interface QuorumOptions {
  readonly size: number;
  readonly needed: number;
  /** Complain after this long about who is missing. */
  readonly warnSeconds: number | undefined;
  readonly hostlist: string;
  log(severity: Severity, text: string): void;
}

/** Wait on rank 0 until enough brokers are online. */
export function waitForQuorum(flux: Flux, options: QuorumOptions): Promise<void> {
  const { size, needed, warnSeconds, log } = options;
  let online = new Idset();
  let warned = false;
  const warn = (): void => {
    warned = true;
    const missing = Idset.range(0, size - 1).subtract(online);
    const hosts = Hostlist.parse(options.hostlist);
    const names = Hostlist.from([...missing].map((rank) => hosts.nth(rank) ?? `rank ${rank}`));
    log(3, `quorum delayed: waiting for ${names.encode()} (rank ${missing.encode()})`);
  };
  const timer = warnSeconds === undefined ? undefined : setTimeout(warn, warnSeconds * 1000);
  return new Promise((resolve, reject) => {
    flux.follow(
      groups.get,
      {
        next({ members }) {
          online = Idset.parse(members);
          if (online.size < needed) return;
          clearTimeout(timer);
          if (warned) log(3, "quorum reached");
          warned = false;
          resolve();
        },
        end(error) {
          clearTimeout(timer);
          reject(error ?? new FluxError("ENODATA", "groups service has ended"));
        },
      },
      { name: "broker.online" },
      { nodeid: 0 },
    );
  });
}
