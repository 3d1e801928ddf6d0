import { createServer, type Server } from "node:net";
import { SocketTransport } from "@flux-ts/client/connectors/socket-transport";
import { Flux } from "@flux-ts/client/handle";
import { LocalRouter } from "@flux-ts/client/local-router";
import { loopPair } from "@flux-ts/client/loop";
import { later, type Request } from "@flux-ts/client/request";
import { type Credential, Role, stampTrusted } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { start } from "@flux-ts/protocol/services/start";

/** What the service asks of the test instance. */
export interface StartedBrokers {
  readonly size: number;
  /** Undefined for a broker that does not run. */
  pidOf(rank: number): number | undefined;
  /** Exit status of a broker that has ended; 0 before its first run. */
  statusOf(rank: number): number;
  kill(rank: number, signum: number): void;
  runOne(rank: number): Promise<void>;
}

/** Serves `start.*` on a socket in the run directory, to processes of the same user. */
export class StartService {
  readonly #brokers: StartedBrokers;
  readonly #server: Server;
  readonly #waiting = new Map<number, Request<{ exit_rc: number }>>();

  constructor(brokers: StartedBrokers, uid: number) {
    this.#brokers = brokers;
    // The run directory is private, so whoever gets here is the owner.
    const owner: Credential = { userid: uid, rolemask: Role.Owner | Role.Local };
    const [near, far] = loopPair();
    this.#serve(new Flux(near));
    const router = new LocalRouter(new Flux(far));
    const deliver = far.onMessage;
    far.onMessage = (message) => {
      // flux-core's clients drop responses that nobody vouches for.
      stampTrusted(message, owner);
      deliver(message);
    };
    this.#server = createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket.write(Uint8Array.of(0));
      router.add(new SocketTransport(socket), owner);
      socket.unref();
    });
  }

  listen(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", (cause) => reject(new FluxError("EIO", cause.message, { cause })));
      this.#server.listen(path, () => {
        this.#server.unref();
        resolve();
      });
    });
  }

  /** A broker has ended: answer who waits for that. */
  onExit(rank: number, status: number): void {
    this.#waiting.get(rank)?.respond({ exit_rc: status });
    this.#waiting.delete(rank);
  }

  close(): void {
    this.#server.close();
  }

  #serve(flux: Flux): void {
    const brokers = this.#brokers;
    flux.serveAll(start, {
      status: () => ({
        procs: Array.from({ length: brokers.size }, (_, rank) => ({
          pid: brokers.pidOf(rank) ?? -1,
        })),
      }),
      kill: ({ rank, signum }) => {
        this.#check(rank);
        brokers.kill(rank, signum);
      },
      wait: ({ rank }, request) => {
        this.#check(rank);
        if (this.#waiting.has(rank)) throw new FluxError("EEXIST");
        if (brokers.pidOf(rank) === undefined) return { exit_rc: brokers.statusOf(rank) };
        this.#waiting.set(rank, request);
        return later;
      },
      run: async ({ rank }) => {
        this.#check(rank);
        if (brokers.pidOf(rank) !== undefined) throw new FluxError("EEXIST");
        await brokers.runOne(rank);
      },
      disconnect: (_args, { sender }) => {
        for (const [rank, request] of this.#waiting) {
          if (request.sender === sender) this.#waiting.delete(rank);
        }
      },
    });
  }

  #check(rank: number): void {
    if (rank < 0 || rank >= this.#brokers.size) throw new FluxError("ESRCH");
  }
}
