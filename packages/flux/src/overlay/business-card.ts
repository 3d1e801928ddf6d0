import { FluxError } from "@flux-ts/protocol/rpc/error";
import { parseJson, stringifyJson } from "@flux-ts/protocol/schema/json";
import { type TypeOf, t } from "@flux-ts/protocol/schema/schema";

const schema = t.object({
  host: t.string,
  /** Endpoints that children may connect to; none on a leaf. */
  uri: t.array(t.string),
  /** Z85. Missing with static configuration, where all share one pair. */
  pubkey: t.optional(t.string),
});

/** What a broker tells its peers through PMI before they connect (wire-broker §3.1). */
export type BusinessCard = TypeOf<typeof schema>;

export function printBusinessCard({ host, uri, pubkey }: BusinessCard): string {
  return stringifyJson({ host, uri, ...(pubkey !== undefined && { pubkey }) });
}

/** Throws EPROTO, naming the rank whose card it is. */
export function parseBusinessCard(text: string, rank: number): BusinessCard {
  const what = `business card of rank ${rank}`;
  try {
    return schema.check(parseJson(text), what);
  } catch (cause) {
    if (cause instanceof FluxError) throw cause;
    throw new FluxError("EPROTO", `${what} is not JSON`, { cause });
  }
}

/** The endpoint to connect to: an ipc one if that is wanted and there, else the first. */
export function endpointOf(
  card: BusinessCard,
  options: { preferIpc: boolean },
): string | undefined {
  const ipc = options.preferIpc ? card.uri.find((uri) => uri.startsWith("ipc://")) : undefined;
  return ipc ?? card.uri[0];
}
