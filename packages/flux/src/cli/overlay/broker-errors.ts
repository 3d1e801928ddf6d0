import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { BrokerTree } from "./broker-tree.ts";

/** Brokers that are asked at the same time. */
const maxAsked = 512;

/** What went wrong with which brokers: errors by their text. */
export async function brokerErrors(
  flux: Flux,
  tree: BrokerTree,
  timeoutSeconds: number | undefined,
): Promise<Map<string, Idset>> {
  const errors = new Map<string, Idset>();
  const add = (text: string, rank: number): void => {
    const ranks = errors.get(text) ?? new Idset();
    errors.set(text, ranks.add(rank));
  };
  const addLost = (text: string, rank: number): void => {
    add(text, rank);
    for (const below of tree.ranksFrom(rank)) if (below !== rank) add("lost parent", below);
  };
  const waiting = [0];
  const ask = async (rank: number): Promise<void> => {
    try {
      const { children } = await flux.call(overlay.health, undefined, {
        nodeid: rank,
        timeoutSeconds,
      });
      for (const { rank: child, status, error } of children) {
        if (status === "lost") addLost(error ?? "unknown error", child);
        else if (status !== "offline") waiting.push(child);
        else if (error) add(error, child);
      }
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      addLost(error.message, rank);
    }
  };
  const asked = new Set<Promise<void>>();
  while (waiting.length > 0 || asked.size > 0) {
    while (waiting.length > 0 && asked.size < maxAsked) {
      const done = ask(waiting.shift()!).finally(() => asked.delete(done));
      asked.add(done);
    }
    await Promise.race(asked);
  }
  return errors;
}
