import { lookup } from "node:dns/promises";
import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { primaryAddress } from "./interface-address.ts";

/**
 * The address of this machine that peers on others use, as an endpoint spells it; `hint` is attribute
 * `tbon.interface-hint`. Throws ENOENT if there is none.
 */
export async function ownAddress(hint: string): Promise<string> {
  const addresses = await lookup(hostname(), { all: true }).catch(() => []);
  const network = {
    interfaces: networkInterfaces(),
    routes: routeTable(),
    hostAddresses: addresses.map(({ address, family }) => ({
      address,
      family: family === 6 ? ("IPv6" as const) : ("IPv4" as const),
    })),
  };
  const address = primaryAddress(hint, network, process.env.FLUX_IPADDR_V6 !== undefined);
  return address.includes(":") ? `[${address}]` : address;
}

function routeTable(): string {
  try {
    return readFileSync("/proc/net/route", "utf8");
  } catch {
    // Not Linux: the host's own name decides.
    return "";
  }
}
