import type { Flux } from "@flux-ts/client/handle";
import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { resource } from "@flux-ts/protocol/services/resource";
import type { Idset } from "@flux-ts/protocol/text/idset";
import type { Availability } from "../acquire/acquire-view.ts";
import type { DrainState } from "../drain/drain-state.ts";
import { SchedView, statusPayload } from "./status-payload.ts";

export interface StatusParts {
  resources(): ResourceSet | undefined;
  availability(): Availability;
  readonly drain: DrainState;
  up(): Idset;
}

/** `resource.status` and `resource.sched-status`, on rank 0. */
export class Status {
  readonly #flux: Flux;
  readonly #parts: StatusParts;
  #view: SchedView | undefined;
  /** One question to the job manager serves all who ask meanwhile. */
  #asking: Promise<ResponseOf<typeof resource.schedStatus>> | undefined;

  constructor(flux: Flux, parts: StatusParts) {
    this.#flux = flux;
    this.#parts = parts;
  }

  serve(): void {
    this.#flux.serve(resource.status, () => {
      const { drain, availability, up } = this.#parts;
      return statusPayload(this.#resources(), drain.groups(), up(), availability());
    });
    this.#flux.serve(resource.schedStatus, () => {
      this.#asking ??= this.#schedStatus().finally(() => {
        this.#asking = undefined;
      });
      return this.#asking;
    });
  }

  onEvent({ name }: EventlogEntry): void {
    // Ranks that went away may leave the set; new resources or times replace it.
    if (["resource-define", "resource-update", "online", "offline"].includes(name)) {
      this.#view = undefined;
    }
  }

  async #schedStatus(): Promise<ResponseOf<typeof resource.schedStatus>> {
    let allocated: JsonObject | undefined;
    try {
      ({ allocated } = await this.#flux.call(jobManager.resourceStatus, undefined, { nodeid: 0 }));
    } catch (error) {
      // The job manager starts after this module.
      if (!isErrno(error, "ENOSYS")) {
        const text = error instanceof Error ? error.message : String(error);
        throw new FluxError("EINVAL", `job-manager.resource-status request failed: ${text}`);
      }
    }
    const availability = this.#parts.availability();
    this.#view ??= new SchedView(this.#resources(), availability);
    return this.#view.payload(availability, allocated);
  }

  #resources(): ResourceSet {
    const resources = this.#parts.resources();
    if (resources) return resources;
    throw new FluxError("ENOENT", "error preparing response: No such file or directory");
  }
}

/** Elsewhere than on rank 0. */
export function refuseStatus(flux: Flux): void {
  const refuse = (): never => {
    throw new FluxError("EPROTO", "this RPC only works on rank 0");
  };
  flux.serve(resource.status, refuse);
  flux.serve(resource.schedStatus, refuse);
  flux.serve(resource.monitorWaitup, refuse);
}
