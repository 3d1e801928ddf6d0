import { later, type Request } from "@flux-ts/client/request";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import { kvs } from "@flux-ts/protocol/services/kvs";
import { defineModule, type ModuleDefinition } from "flux-ts/plugins/module";

/** Stands in for the job manager and the KVS: tells consumers of the journal what a test says. */
export class FakeJournal {
  /** Told before the mark that ends the past. */
  readonly past: JournalEntry[] = [];
  /** Jobs that are in the KVS, whether the journal told of them or not. */
  readonly stored = new Set<JobId>();
  #listener: Request<JournalEntry> | undefined;
  #isHeld = false;

  /** Keep the past back until `tellPast`. */
  hold(): this {
    this.#isHeld = true;
    return this;
  }

  tellPast(): void {
    for (const entry of this.past) this.#listener?.respond(entry);
    this.#listener?.respond({ id: -1n as JobId, events: [] });
  }

  tell(entry: JournalEntry): void {
    this.#listener?.respond(entry);
  }

  /** As if the job manager were removed. */
  end(): void {
    this.#listener?.end();
  }

  get modules(): ModuleDefinition[] {
    return [
      defineModule({
        name: "job-manager",
        host: "inline",
        start: ({ flux }) => {
          flux.serve(jobManager.eventsJournal, (_args, request) => {
            this.#listener = request;
            if (!this.#isHeld) this.tellPast();
            return later;
          });
          return {};
        },
      }),
      defineModule({
        name: "kvs",
        host: "inline",
        start: ({ flux }) => {
          flux.serve(kvs.lookup, ({ key }) => {
            const isThere = [...this.stored].some((id) => formatJobId(id, "kvs") === key);
            if (!isThere) throw new FluxError("ENOENT");
            return { val: null };
          });
          return {};
        },
      }),
    ];
  }
}
