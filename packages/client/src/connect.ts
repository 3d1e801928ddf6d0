import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Flux } from "./handle.ts";
import { ReconnectingTransport, type ReconnectPolicy } from "./reconnecting-transport.ts";
import type { Transport } from "./transport.ts";

/** Opens connections of one URI scheme. `rest` is what follows `SCHEME://`. */
export type Connector = (rest: string) => Promise<Transport>;

// Loaded at first use: most programs need only `local`.
const connectors = new Map<string, () => Promise<Connector>>([
  ["local", async () => (await import("./connectors/local.ts")).connectLocal],
  ["fd", async () => (await import("./connectors/fd.ts")).connectFd],
  ["loop", async () => (await import("./connectors/loop.ts")).connectLoop],
]);

/** Add a connector for URIs of this scheme. */
export function addConnector(scheme: string, load: () => Promise<Connector>): void {
  connectors.set(scheme, load);
}

export interface ConnectOptions {
  /** Connect again when the connection is lost. Default: the handle is closed then. */
  readonly reconnect?: ReconnectPolicy | undefined;
}

/** Where the system instance listens. */
export const systemUri = "local:///run/flux/local";

/**
 * Connect to a Flux instance: `uri`, else `FLUX_URI`, else the system instance.
 * Throws FluxError: ENOENT if there is no such broker or connector, EPERM if it does not admit you.
 */
export async function connect(uri?: string, options: ConnectOptions = {}): Promise<Flux> {
  const target = uri ?? process.env.FLUX_URI ?? systemUri;
  const { reconnect } = options;
  if (!reconnect) return new Flux(await openTransport(target));
  return new Flux(await ReconnectingTransport.open(() => openTransport(target), reconnect));
}

export async function openTransport(uri: string): Promise<Transport> {
  const match = /^([a-z][a-z0-9+-]*):\/\/(.*)$/.exec(uri);
  if (!match)
    throw new FluxError("EINVAL", `"${uri}" is not a URI such as local:///run/flux/local`);
  const [, scheme, rest] = match as unknown as [string, string, string];
  const load = connectors.get(scheme);
  if (!load) throw new FluxError("ENOENT", `Unable to find connector name '${scheme}'`);
  const connector = await load();
  return connector(rest);
}
