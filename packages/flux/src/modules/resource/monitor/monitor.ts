import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { groups } from "@flux-ts/protocol/services/groups";
import { resource } from "@flux-ts/protocol/services/resource";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { ResourceLog } from "../eventlog/eventlog.ts";
import type { MonitorEvent, MonitorState } from "./monitor-state.ts";

/** Requests of `monitor-waitup`, which only tests send. */
const maxWaiting = 1000;

/** Follows which brokers are up and posts what changes (RFC 44), on rank 0. */
export class Monitor {
  readonly #state: MonitorState;
  readonly #log: ResourceLog;
  readonly #onError: (text: string) => void;
  readonly #wanted = new Map<Request<void>, number>();
  readonly #waiting = new RequestSet<void>((request) => this.#wanted.delete(request));

  constructor(state: MonitorState, log: ResourceLog, onError: (text: string) => void) {
    this.#state = state;
    this.#log = log;
    this.#onError = onError;
  }

  /** Follow the broker groups. Resolves when it is known who is online. */
  async start(flux: Flux, onlineGroup: string): Promise<void> {
    await this.#follow(flux, onlineGroup, (members) => {
      this.#post(this.#state.onOnline(members));
      this.#notify();
    });
    // Who is torpid need not be known for anything to start.
    this.#follow(flux, "broker.torpid", (members) => {
      this.#post(this.#state.onTorpid(members));
    }).catch(() => {});
  }

  /** RFC 44: the resource service has started. */
  postRestart(nodelist: string): void {
    const { size, up } = this.#state;
    const ranks = size === 0 ? "" : Idset.range(0, size - 1).encode();
    this.#postOne("restart", { ranks, online: up.encode(), nodelist });
  }

  serve(flux: Flux): void {
    flux.serve(resource.monitorWaitup, ({ up }, request) => {
      if (up > this.#state.size || up < 0) {
        throw new FluxError("EPROTO", "up value is out of range");
      }
      if (up === this.#state.up.size) return;
      if (this.#waiting.size >= maxWaiting) throw new FluxError("EAGAIN");
      this.#wanted.set(request, up);
      this.#waiting.add(request);
      return later;
    });
    flux.serve(resource.monitorForceDown, ({ ranks }) => {
      this.#post(this.#state.onOnline(this.#state.up.subtract(Idset.parse(ranks))));
      this.#notify();
    });
  }

  disconnect(client: Request<unknown>): void {
    this.#waiting.disconnect(client);
  }

  #follow(flux: Flux, name: string, onMembers: (members: Idset) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      flux.follow(
        groups.get,
        {
          next: ({ members }) => {
            onMembers(Idset.parse(members));
            resolve();
          },
          end: (error) => {
            reject(error ?? new FluxError("ENODATA"));
            if (!flux.isClosed) this.#onError(`monitor: ${name}: ${error?.message ?? "ended"}`);
          },
        },
        { name },
      );
    });
  }

  #post(events: readonly MonitorEvent[]): void {
    for (const { name, ranks } of events) this.#postOne(name, { idset: ranks.encode() });
  }

  #postOne(name: string, context: Record<string, string>): void {
    this.#log.post(name, context).catch((error) => this.#onError(`posting ${name}: ${error}`));
  }

  #notify(): void {
    for (const request of [...this.#waiting]) {
      if (this.#wanted.get(request) !== this.#state.up.size) continue;
      request.respond();
      this.#waiting.delete(request);
    }
  }
}
