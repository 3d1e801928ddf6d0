import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { overlay, type Subtree } from "@flux-ts/protocol/services/overlay";
import type { Child } from "./children.ts";
import { isOnline, SubtreeStatus, statusName } from "./subtree-status.ts";
import {
  type Traced,
  type TraceRecord,
  type TraceRequest,
  topicFilter,
  traceRecord,
} from "./trace.ts";

/** What the service shows of the overlay, and may do to it. */
export interface OverlayView {
  readonly rank: number;
  readonly status: SubtreeStatus;
  readonly statusSince: number;
  readonly children: Iterable<Child>;
  now(): number;
  /** Throws ENOENT for what is neither this broker nor a child. */
  subtree(rank: number): Subtree;
  disconnectSubtree(rank: number): void;
  disconnectParent(reason: string): void;
  stats(): ResponseOf<typeof overlay.statsGet>;
}

/** Streams open at once, of each kind. */
const maxStreams = 1000;

interface Tracer {
  readonly asked: TraceRequest;
  readonly matchesTopic: (topic: string) => boolean;
}

/** The methods of `overlay.*` (wire-broker §2.10). */
export class OverlayService {
  readonly #view: OverlayView;
  readonly #health = new RequestSet<ResponseOf<typeof overlay.health>>();
  readonly #monitors = new RequestSet<ResponseOf<typeof overlay.monitor>>();
  readonly #tracers = new Map<Request<TraceRecord>, Tracer>();
  readonly #traces = new RequestSet<TraceRecord>((request) => this.#tracers.delete(request));

  constructor(view: OverlayView) {
    this.#view = view;
  }

  serve(flux: Flux): void {
    const view = this.#view;
    flux.serve(overlay.health, (_, request) => {
      if (request.isStreaming) keep(this.#health, request);
      request.respond(this.#report());
      return later;
    });
    flux.serve(overlay.monitor, (_, request) => {
      keep(this.#monitors, request);
      for (const child of view.children) {
        if (child.status !== SubtreeStatus.Offline || child.isTorpid) request.respond(news(child));
      }
      return later;
    });
    flux.serve(overlay.trace, (asked, request) => {
      const matchesTopic = topicFilter(asked.topic_glob);
      keep(this.#traces, request);
      this.#tracers.set(request, { asked, matchesTopic });
      return later;
    });
    flux.serve(overlay.topology, ({ rank }) => view.subtree(rank));
    flux.serve(overlay.disconnectSubtree, ({ rank }) => view.disconnectSubtree(rank));
    flux.serve(overlay.disconnectParent, ({ reason }) => view.disconnectParent(reason));
    flux.serve(overlay.statsGet, () => view.stats());
    // The leader's settings are no news: every attribute they could set has a value by now.
    flux.serve(overlay.configSync, () => undefined);
    flux.serve(overlay.disconnect, (_, client) => {
      this.#health.disconnect(client);
      this.#monitors.disconnect(client);
      this.#traces.disconnect(client);
    });
  }

  /** Somebody wants to see the messages. */
  get isTracing(): boolean {
    return this.#tracers.size > 0;
  }

  trace(traced: Traced): void {
    for (const [request, { asked, matchesTopic }] of this.#tracers) {
      const record = traceRecord(asked, matchesTopic, traced);
      if (record) request.respond(record);
    }
  }

  /** The status or torpidity of a child changed. */
  childChanged(child: Child): void {
    this.#monitors.respondAll(news(child));
    this.healthChanged();
  }

  healthChanged(): void {
    if (this.#health.size > 0) this.#health.respondAll(this.#report());
  }

  #report(): ResponseOf<typeof overlay.health> {
    const { rank, status, statusSince, children } = this.#view;
    const now = this.#view.now();
    return {
      rank,
      status: statusName(status),
      duration: now - statusSince,
      children: [...children].map((child) => ({
        rank: child.rank,
        status: statusName(child.status),
        duration: now - child.statusSince,
        ...(!isOnline(child.status) && child.error !== "" && { error: child.error }),
      })),
    };
  }
}

function news(child: Child): ResponseOf<typeof overlay.monitor> {
  return { rank: child.rank, status: statusName(child.status), torpid: child.isTorpid };
}

function keep<T>(requests: RequestSet<T>, request: Request<T>): void {
  if (requests.size >= maxStreams) throw new FluxError("EAGAIN", "too many streams are open");
  requests.add(request);
}
