import { parseEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";

/** Jobs whose owner is remembered. */
const maxRemembered = 10_000;

/** Whose job is which: remembers the owners of jobs that were asked about last. */
export class JobOwners {
  readonly #owners = new Map<JobId, number>();

  of(id: JobId): number | undefined {
    return this.#owners.get(id);
  }

  /** Learn the owner from the submit event that starts every eventlog. */
  learn(id: JobId, eventlog: string): number {
    const { name, context } = parseEntry(eventlog.slice(0, eventlog.indexOf("\n") + 1));
    const userid = context?.userid;
    if (name !== "submit" || typeof userid !== "number") {
      throw new FluxError("EPROTO", "eventlog does not begin with a submit event");
    }
    if (this.#owners.size >= maxRemembered) {
      const [oldest] = this.#owners.keys();
      if (oldest !== undefined) this.#owners.delete(oldest);
    }
    this.#owners.set(id, userid);
    return userid;
  }
}
