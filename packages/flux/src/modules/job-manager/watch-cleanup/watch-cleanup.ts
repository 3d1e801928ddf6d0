import type { Flux } from "@flux-ts/client/handle";
import { BrokerState, stateMachine } from "@flux-ts/protocol/services/state-machine";

/** Be told when the broker begins to shut down. Returns what ends it. */
export function watchCleanup(flux: Flux, onCleanup: () => void): () => void {
  const sink = {
    next({ state }: { state: number }): void {
      if (state >= BrokerState.Cleanup) onCleanup();
    },
  };
  const request = { final: BrokerState.Cleanup };
  const following = flux.follow(stateMachine.monitor, sink, request);
  return () => following.cancel();
}
