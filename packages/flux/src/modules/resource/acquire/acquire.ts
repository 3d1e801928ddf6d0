import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { toR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { resource } from "@flux-ts/protocol/services/resource";
import { AcquireView, type Availability } from "./acquire-view.ts";

export interface AcquireParts {
  /** The instance's resources; undefined while they are not known. */
  resources(): ResourceSet | undefined;
  availability(): Availability;
}

type Response = ResponseOf<typeof resource.acquire>;

const changes = ["online", "offline", "drain", "undrain", "torpid", "lively"];

/** Hands the instance's resources to its scheduler and tells it of changes (RFC 28), on rank 0. */
export class Acquire {
  readonly #parts: AcquireParts;
  /** There is one scheduler at a time. */
  readonly #client = new RequestSet<Response>(() => {
    this.#view = undefined;
  });
  #view: AcquireView | undefined;
  #isMuted = false;

  constructor(parts: AcquireParts) {
    this.#parts = parts;
  }

  /** A scheduler holds the resources. */
  get isBusy(): boolean {
    return this.#client.size > 0;
  }

  serve(flux: Flux): void {
    flux.serve(resource.acquire, (_, request) => {
      if (this.isBusy) throw new FluxError("EBUSY");
      this.#client.add(request);
      this.#respondFirst();
      return later;
    });
    flux.serve(resource.acquireCancel, ({ matchtag }, request) =>
      this.#client.cancel(request, matchtag),
    );
    flux.serve(resource.acquireMute, () => {
      this.#isMuted = true;
    });
  }

  disconnect(client: Request<unknown>): void {
    this.#client.disconnect(client);
  }

  onEvent({ name, context }: EventlogEntry): void {
    if (this.#isMuted || !this.isBusy) return;
    if (name === "resource-define") this.#respondFirst();
    else if (name === "resource-update") {
      const { expiration } = context ?? {};
      if (typeof expiration === "number" && expiration >= 0) {
        this.#client.respondAll({ expiration });
      }
    } else if (changes.includes(name)) {
      const update = this.#view?.onChange(this.#parts.availability());
      if (update) this.#client.respondAll(update);
    }
  }

  /** The module ends. */
  stop(): void {
    this.#client.endAll(new FluxError("ECANCELED", "the resource module was unloaded"));
  }

  /** The first response, unless it went out or resources are not known yet. */
  #respondFirst(): void {
    const all = this.#parts.resources();
    if (this.#view || !all) return;
    const availability = this.#parts.availability();
    const set = all.clone();
    if (!availability.excluded.isEmpty) set.removeRanks(availability.excluded);
    this.#view = new AcquireView(set.ranks, availability);
    this.#client.respondAll({ resources: toR(set), up: this.#view.up.encode() });
  }
}
