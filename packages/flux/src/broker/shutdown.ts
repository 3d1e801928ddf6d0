import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { shutdown } from "@flux-ts/protocol/services/state-machine";
import { parseLogLine, severityNames } from "../plugins/log-line.ts";
import type { BrokerLife } from "./life.ts";

/** Lines below this severity are not shown unless the client asks for more. */
const defaultLogLevel = 7;
/** Clients that may follow a shutdown. */
const maxFollowers = 1000;

type Response = { log?: string | undefined };

/** `flux shutdown`: leaves RUN, and lets its clients follow the log until the broker is done. */
export class ShutdownService {
  readonly #life: BrokerLife;
  readonly #rank: number;
  readonly #followers = new Map<Request<Response>, number>();
  #finished = false;
  /** Somebody asked for the shutdown: the exit code may be `broker.exit-norestart`. */
  wasRequested = false;
  /** Called when the last follower has gone: the broker may leave `goodbye`. */
  onIdle: () => void = () => {};

  constructor(life: BrokerLife, rank: number) {
    this.#life = life;
    this.#rank = rank;
  }

  get isIdle(): boolean {
    return this.#followers.size === 0;
  }

  serve(flux: Flux, begin: () => void): void {
    flux.serve(shutdown.start, ({ loglevel = defaultLogLevel }, request) => {
      if (this.#rank !== 0)
        throw new FluxError("EINVAL", "shutdown requests must be sent to rank 0");
      if (this.#life.state !== "run" && !this.wasRequested) {
        throw new FluxError("EINVAL", `shutdown cannot be initiated in state ${this.#life.state}`);
      }
      if (this.#followers.size >= maxFollowers) throw new FluxError("EAGAIN", "too many clients");
      if (request.isStreaming) this.#followers.set(request, loglevel);
      if (!this.wasRequested) {
        this.wasRequested = true;
        begin();
      }
      return request.isStreaming ? later : {};
    });
    flux.serve(shutdown.disconnect, (_args, { sender }) => {
      for (const request of [...this.#followers.keys()]) {
        if (request.sender === sender) this.#followers.delete(request);
      }
      if (this.#finished && this.isIdle) this.onIdle();
    });
  }

  /** A line passed through the leader's log. */
  onLogLine(line: string): void {
    if (this.#followers.size === 0) return;
    const record = parseLogLine(line);
    if (!record) return;
    const { appname, hostname, severity, text } = record;
    const log = `${appname}.${severityNames[severity]}[${hostname}]: ${text}\n`;
    for (const [request, level] of this.#followers) {
      if (severity <= level && !request.ended) request.respond({ log });
    }
  }

  /** The broker has reached `goodbye`: end the streams; the clients disconnect then. */
  finish(): void {
    this.#finished = true;
    for (const request of this.#followers.keys()) request.end();
  }
}
