import { FluxError } from "@flux-ts/protocol/rpc/error";

/** An address of a network interface, as `os.networkInterfaces` has it. */
export interface InterfaceAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
}

/** The network as this machine sees it. */
export interface NetworkView {
  readonly interfaces: Readonly<Record<string, readonly InterfaceAddress[] | undefined>>;
  /** Text of /proc/net/route; empty where there is none. */
  readonly routes: string;
  /** Addresses that the host's own name stands for. */
  readonly hostAddresses: readonly InterfaceAddress[];
}

/**
 * The address that peers on other nodes reach this broker at. `hint`: `default-route`, `hostname`, the
 * name of an interface, or a CIDR such as `10.0.0.0/8`. Throws ENOENT if nothing fits.
 */
export function primaryAddress(hint: string, network: NetworkView, preferIpv6: boolean): string {
  const isByHost = hint === "hostname" || hint === "default-route";
  const name = hint === "default-route" ? defaultInterface(network.routes) : hint;
  const chosen =
    (name === undefined || hint === "hostname"
      ? undefined
      : choose(addressesOf(name, network), preferIpv6)) ??
    (isByHost ? choose(network.hostAddresses, preferIpv6) : undefined);
  if (!chosen) throw new FluxError("ENOENT", `could not find address associated with ${hint}`);
  return chosen.address;
}

/** The first address of the preferred family, else of the other; never one of a single link. */
function choose(
  addresses: readonly InterfaceAddress[],
  preferIpv6: boolean,
): InterfaceAddress | undefined {
  const usable = addresses.filter(({ address }) => !/^fe80:/i.test(address));
  const preferred = preferIpv6 ? "IPv6" : "IPv4";
  return usable.find(({ family }) => family === preferred) ?? usable[0];
}

/** The interface of the first route to everywhere. */
function defaultInterface(routes: string): string | undefined {
  for (const line of routes.split("\n").slice(1)) {
    const [name, destination] = line.split("\t");
    if (name && destination && Number.parseInt(destination, 16) === 0) return name.trim();
  }
  return undefined;
}

/** Addresses of the interface of that name, or those within that CIDR. */
function addressesOf(name: string, { interfaces }: NetworkView): readonly InterfaceAddress[] {
  const exact = interfaces[name];
  if (exact) return exact;
  const range = parseCidr(name);
  if (!range) return [];
  return Object.values(interfaces)
    .flatMap((addresses) => addresses ?? [])
    .filter(({ address, family }) => family === "IPv4" && range(address));
}

/** A test for IPv4 addresses, or undefined if the text is no CIDR. */
function parseCidr(text: string): ((address: string) => boolean) | undefined {
  const [base = "", bits = ""] = text.split("/");
  const network = ipv4(base);
  if (network === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const hosts = 2 ** (32 - Number(bits));
  return (address) => Math.floor((ipv4(address) ?? -1) / hosts) === Math.floor(network / hosts);
}

function ipv4(text: string): number | undefined {
  const parts = text.split(".").map(Number);
  const isAddress =
    parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return isAddress ? parts.reduce((value, part) => value * 256 + part, 0) : undefined;
}
