import type { Flux, Following } from "@flux-ts/client/handle";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { KvsFlag, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { kvsWatch } from "@flux-ts/protocol/services/kvs-watch";
import { EventLines } from "../event-lines.ts";

/** Who gets the lines of an eventlog. */
export interface LineSink {
  /** A line with its newline. */
  line(text: string): void;
  /** What there was at first has been told. */
  sentinel(): void;
  /** No more can come; an error if it should have. */
  end(error?: FluxError): void;
}

export interface Watch {
  cancel(): void;
}

export interface WatchOptions {
  readonly id: JobId;
  /** Path in the job's directory; `guest.` ones live in the guest namespace while the job runs. */
  readonly path: string;
  readonly waitCreate: boolean;
  readonly sentinel: boolean;
}

/** Watch an eventlog of a job: the main one until the job is over, a guest's until its namespace is. */
export function watchEventlog(flux: Flux, options: WatchOptions, sink: LineSink): Watch {
  return options.path.startsWith("guest.")
    ? new GuestWatch(flux, options, sink)
    : watchMain(flux, options, sink);
}

/** The last event of a job's main eventlog. */
const isLast = (line: string): boolean => line.includes('"name":"clean"');

function watchMain(flux: Flux, options: WatchOptions, sink: LineSink): Watch {
  const { id, path, waitCreate, sentinel } = options;
  const key = `${formatJobId(id, "kvs")}.${path}`;
  const following = watchKey(
    flux,
    primaryNamespace,
    key,
    { waitCreate, sentinel },
    {
      ...sink,
      line(text) {
        sink.line(text);
        if (path !== "eventlog" || !isLast(text)) return;
        following.cancel();
        sink.end();
      },
    },
  );
  return following;
}

/**
 * Watches a guest eventlog: waits until the job has a namespace, follows it there, and reads what was
 * kept if the job is over already.
 */
class GuestWatch implements Watch {
  readonly #flux: Flux;
  readonly #options: WatchOptions;
  readonly #sink: LineSink;
  readonly #main: Watch;
  #guest: Watch | undefined;
  #started = false;
  #sentinelTold = false;
  /** The job is over: what is left to tell is read from where it was kept. */
  #isReading = false;
  #ended = false;
  /** Lines told so far; those in the kept copy are the same ones. */
  #told = 0;

  constructor(flux: Flux, options: WatchOptions, sink: LineSink) {
    this.#flux = flux;
    this.#options = options;
    this.#sink = sink;
    const main = { ...options, path: "eventlog", waitCreate: false, sentinel: true };
    let isOver = false;
    let isPast = true;
    this.#main = watchMain(flux, main, {
      line: (text) => {
        if (text.includes('"name":"clean"') || text.includes('"name":"release"')) isOver = true;
        // The logs are there before job-exec says that the job has started.
        if (text.includes('"name":"start"')) this.#started = true;
        if (!isPast && this.#started && !this.#guest) this.#follow();
      },
      sentinel: () => {
        isPast = false;
        if (isOver) this.#readKept();
        else if (this.#started) this.#follow();
      },
      end: (error) => this.#onMainEnd(error),
    });
  }

  cancel(): void {
    this.#ended = true;
    this.#main.cancel();
    this.#guest?.cancel();
  }

  get #path(): string {
    return this.#options.path.slice("guest.".length);
  }

  #follow(): void {
    const { id, waitCreate, sentinel } = this.#options;
    const namespace = `job-${id}`;
    this.#guest = watchKey(
      this.#flux,
      namespace,
      this.#path,
      { waitCreate, sentinel },
      {
        line: (text) => {
          this.#told++;
          this.#sink.line(text);
        },
        sentinel: () => this.#sentinel(),
        end: (error) => {
          // The namespace is not there yet, or not any more: the main eventlog will tell which.
          if (this.#isReading) return;
          if (error && isErrno(error, "ENOTSUP")) this.#guest = undefined;
          else this.#end(error);
        },
      },
    );
  }

  /** The job is over, and its namespace gone: whatever was not told yet has been kept. */
  #onMainEnd(error?: FluxError): void {
    if (error) this.#end(error);
    else this.#readKept();
  }

  #sentinel(): void {
    if (this.#sentinelTold) return;
    this.#sentinelTold = true;
    this.#sink.sentinel();
  }

  /** The job is over: what its guest wrote is in the job's directory. */
  #readKept(): void {
    if (this.#ended || this.#isReading) return;
    this.#isReading = true;
    this.#guest?.cancel();
    this.#main.cancel();
    if (!this.#started) {
      // It never had a guest, so nobody need be told that there is nothing of it.
      this.#end();
      return;
    }
    const key = `${formatJobId(this.#options.id, "kvs")}.${this.#options.path}`;
    let skip = this.#told;
    this.#guest = readKey(this.#flux, key, {
      line: (text) => {
        if (skip-- <= 0) this.#sink.line(text);
      },
      sentinel() {},
      end: (error) => {
        if (this.#options.sentinel && !error) this.#sentinel();
        this.#end(error);
      },
    });
  }

  #end(error?: FluxError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#main.cancel();
    this.#sink.end(error);
  }
}

function watchKey(
  flux: Flux,
  namespace: string,
  key: string,
  options: { waitCreate: boolean; sentinel: boolean },
  sink: LineSink,
): Following {
  const flags =
    KvsFlag.Watch |
    KvsFlag.WatchAppend |
    (options.waitCreate ? KvsFlag.Waitcreate : 0) |
    (options.sentinel ? KvsFlag.WatchInitialSentinel : 0);
  return followKey(flux, { namespace, key, flags }, sink);
}

function readKey(flux: Flux, key: string, sink: LineSink): Following {
  return followKey(flux, { namespace: primaryNamespace, key, flags: KvsFlag.Stream }, sink);
}

function followKey(
  flux: Flux,
  request: { namespace: string; key: string; flags: number },
  sink: LineSink,
): Following {
  const lines = new EventLines();
  return flux.follow(
    kvsWatch.lookup,
    {
      next({ val }) {
        if (val === undefined) {
          sink.sentinel();
          return;
        }
        const object = checkTreeObject(val);
        if (object.type !== "val") {
          sink.end(new FluxError("EPROTO", `${request.key} is no eventlog`));
          return;
        }
        for (const line of lines.add(valBytes(object))) sink.line(line);
      },
      end: (error) => sink.end(error),
    },
    request,
    { cancel: kvsWatch.cancel },
  );
}
