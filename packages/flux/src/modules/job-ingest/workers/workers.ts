import type { Flux, Following } from "@flux-ts/client/handle";
import { Errno } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  parseJson,
  stringifyJson,
} from "@flux-ts/protocol/schema/json";
import { ExecFlag, rexec } from "@flux-ts/protocol/services/rexec";
import { maxWorkers } from "../stage-stats.ts";

/** Another worker is started when all that run have this much to do. */
const fullBacklog = 32;
/** Idle workers end after this time. */
const idleMs = 5_000;

interface WorkersOptions {
  readonly flux: Flux;
  /** Of this broker, where the workers run. */
  readonly rank: number;
  readonly cmdline: readonly string[];
  readonly bufferSize: string;
  readonly log: (severity: 3 | 7, text: string) => void;
}

interface Waiting {
  resolve(data: JsonObject | undefined): void;
  reject(error: FluxError): void;
}

/**
 * Programs that look at jobs, one JSON line each, and answer in order with
 * `{"errnum":0,"data":...}` or `{"errnum":1,"errstr":"why"}`: how sites bring their own ingest plugins.
 */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #workers = new Set<Worker>();

  constructor(options: WorkersOptions) {
    this.#options = options;
  }

  /** Have a job looked at. Resolves to the `data` of the answer. Throws what the worker says. */
  process(job: JsonObject): Promise<JsonObject | undefined> {
    return this.#pick().process(`${stringifyJson(job)}\n`);
  }

  get stats(): { running: number; backlog: number; trash: number; pids: number[] } {
    const workers = [...this.#workers];
    return {
      running: workers.length,
      backlog: workers.reduce((sum, { backlog }) => sum + backlog, 0),
      trash: 0,
      pids: workers.map(({ pid }) => pid),
    };
  }

  /** Let them finish what they have and end. */
  stop(): void {
    for (const worker of this.#workers) worker.stop();
    this.#workers.clear();
  }

  #pick(): Worker {
    const [best] = [...this.#workers].sort((a, b) => a.backlog - b.backlog);
    if (best && (best.backlog < fullBacklog || this.#workers.size === maxWorkers)) return best;
    const worker = new Worker(this.#options, () => this.#workers.delete(worker));
    this.#workers.add(worker);
    return worker;
  }
}

class Worker {
  readonly #options: WorkersOptions;
  readonly #onGone: () => void;
  readonly #following: Following;
  readonly #queue: Waiting[] = [];
  #partial = "";
  #timer: NodeJS.Timeout | undefined;
  pid = 0;

  constructor(options: WorkersOptions, onGone: () => void) {
    this.#options = options;
    this.#onGone = onGone;
    const cmd = {
      cmdline: [...options.cmdline],
      env: { ...process.env } as Record<string, string>,
      opts: { stdin_BUFSIZE: options.bufferSize },
      channels: [],
      msgchan: [],
    };
    const sink = {
      next: (response: { pid?: number | undefined; io?: Json | undefined }): void => {
        if (response.pid !== undefined) this.pid = response.pid;
        if (isJsonObject(response.io)) this.#onOutput(response.io);
      },
      end: (error?: FluxError): void => this.#onEnd(error),
    };
    const flags = ExecFlag.Stdout | ExecFlag.Stderr;
    const options_ = { nodeid: options.rank };
    this.#following = options.flux.follow(rexec.exec, sink, { cmd, flags }, options_);
  }

  get backlog(): number {
    return this.#queue.length;
  }

  process(line: string): Promise<JsonObject | undefined> {
    clearTimeout(this.#timer);
    return new Promise((resolve, reject) => {
      this.#queue.push({ resolve, reject });
      this.#write({ data: line });
    });
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#onGone();
    this.#write({ eof: true });
  }

  #write(part: { data: string } | { eof: true }): void {
    const { flux, rank } = this.#options;
    const io = { stream: "stdin", rank: `${rank}`, ...part };
    flux.send(rexec.write, { matchtag: this.#following.matchtag, io }, { nodeid: rank });
  }

  #onOutput({ stream, data }: JsonObject): void {
    if (typeof data !== "string") return;
    if (stream !== "stdout") {
      this.#options.log(7, `${this.#options.cmdline[1]}: ${data.trimEnd()}`);
      return;
    }
    const lines = `${this.#partial}${data}`.split("\n");
    this.#partial = lines.pop() ?? "";
    for (const line of lines) this.#onLine(line);
    if (this.#queue.length > 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.stop(), idleMs);
  }

  #onLine(line: string): void {
    const waiting = this.#queue.shift();
    if (!waiting) {
      this.#options.log(3, `${this.#options.cmdline[1]}: dropping orphan response: '${line}'`);
      return;
    }
    try {
      const answer = parseJson(line);
      if (!isJsonObject(answer)) throw new FluxError("EINVAL");
      const { errnum, errstr, data } = answer;
      if (errnum === 0) waiting.resolve(isJsonObject(data) ? data : undefined);
      else waiting.reject(answerError(errnum, errstr));
    } catch (error) {
      waiting.reject(error instanceof FluxError ? error : new FluxError("EINVAL"));
    }
  }

  #onEnd(error?: FluxError): void {
    clearTimeout(this.#timer);
    this.#onGone();
    if (error) this.#options.log(3, `${this.#options.cmdline[1]}: ${error.message}`);
    const text = "Unrecoverable error: worker unexpectedly exited";
    for (const { reject } of this.#queue.splice(0)) reject(new FluxError("EPROTO", text));
  }
}

function answerError(errnum: Json | undefined, errstr: Json | undefined): FluxError {
  const number = typeof errnum === "number" ? errnum : Errno.EINVAL;
  return new FluxError(number, typeof errstr === "string" ? errstr : undefined);
}
