import type { KeyPair } from "@flux-ts/protocol/text/certificate";
import { encodeZ85 } from "@flux-ts/protocol/text/z85";
import { Context, Dealer, Reply, Router, type Socket } from "zeromq";
import type { Frame } from "./peer-frames.ts";
import type { ChildSocket, ParentSocket } from "./peers.ts";

// The only file that knows ZeroMQ. Sends are handed to its I/O thread at once and never wait.

export interface SocketSettings {
  readonly ipv6: boolean;
  /** Messages of one child that may wait to be received; 0: any number. */
  readonly childReceiveLimit: number;
  /** Give up a connection that acknowledges nothing for this long; 0: the system's default. */
  readonly tcpUserTimeoutSeconds: number;
  readonly connectTimeoutSeconds: number;
  readonly ioThreads: number;
  /** Told of connections that come, go and are refused. */
  onEvent?: ((text: string) => void) | undefined;
}

/** Messages that may wait to be sent to one peer; a peer that leaves more lying is given up. */
const maxUnsent = 1_000_000;
const lingerMs = 5;
/** ZAP domain of flux-core. */
const zapDomain = "flux";

/** libzmq knows no infinite timeouts: 0 switches them off. */
function milliseconds(seconds: number): number {
  return Number.isFinite(seconds) ? Math.round(seconds * 1000) : 0;
}

/** The sockets of one broker: they share I/O threads and the list of keys that may connect. */
export class PeerSockets {
  readonly #context: Context;
  readonly #settings: SocketSettings;
  readonly #keys: KeyPair;
  readonly #authorized = new Set<string>();
  readonly #open: Socket[] = [];
  readonly #pumps: (() => Promise<void>)[] = [];
  #isClosed = false;

  constructor(keys: KeyPair, settings: SocketSettings) {
    this.#keys = keys;
    this.#settings = settings;
    this.#context = new Context({ blocky: false, ioThreads: settings.ioThreads });
  }

  /** Let peers with this public key connect. */
  authorize(publicKey: string): void {
    this.#authorized.add(publicKey);
  }

  /** Bind the socket for children. Returns it with the endpoints as they came out (port, address). */
  async bind(
    endpoints: readonly string[],
  ): Promise<{ socket: ChildSocket; endpoints: readonly string[] }> {
    await this.#startAuthenticator();
    const { ipv6, childReceiveLimit, tcpUserTimeoutSeconds } = this.#settings;
    const router = new Router({
      context: this.#context,
      mandatory: true,
      linger: lingerMs,
      sendTimeout: 0,
      sendHighWaterMark: maxUnsent,
      receiveHighWaterMark: childReceiveLimit,
      ipv6,
      zapDomain,
      curveServer: true,
      curvePublicKey: this.#keys.publicKey,
      curveSecretKey: this.#keys.secretKey,
      tcpMaxRetransmitTimeout: milliseconds(tcpUserTimeoutSeconds),
    });
    this.#open.push(router);
    const socket: ChildSocket = {
      send: (identity, frames) => {
        if (this.#isClosed) return;
        // The attempt is made in the call; the promise only tells how it went.
        router.send(frames as Frame[]).catch(() => socket.onUnreachable(identity));
      },
      onMessage: () => {},
      onUnreachable: () => {},
      onDisconnect: () => {},
    };
    this.#watch(router, "children", { onDisconnect: () => socket.onDisconnect() });
    const bound: string[] = [];
    for (const endpoint of endpoints) {
      await router.bind(endpoint);
      bound.push(router.lastEndpoint ?? endpoint);
    }
    this.#pumps.push(() => this.#pump(router, (frames) => socket.onMessage(frames)));
    return { socket, endpoints: bound };
  }

  /** Connect to the parent, which is done in the background for as long as it takes. */
  connect(endpoint: string, serverKey: string, uuid: string): ParentSocket {
    const { ipv6, tcpUserTimeoutSeconds, connectTimeoutSeconds } = this.#settings;
    const dealer = new Dealer({
      context: this.#context,
      routingId: uuid,
      linger: lingerMs,
      sendTimeout: 0,
      sendHighWaterMark: maxUnsent,
      receiveHighWaterMark: 0,
      ipv6,
      zapDomain,
      curvePublicKey: this.#keys.publicKey,
      curveSecretKey: this.#keys.secretKey,
      curveServerKey: serverKey,
      connectTimeout: milliseconds(connectTimeoutSeconds),
      tcpMaxRetransmitTimeout: milliseconds(tcpUserTimeoutSeconds),
    });
    this.#open.push(dealer);
    const socket: ParentSocket = {
      send: (frames) => {
        if (this.#isClosed) return;
        dealer.send(frames as Frame[]).catch(() => socket.onDisconnect());
      },
      onMessage: () => {},
      onConnect: () => {},
      onDisconnect: () => {},
    };
    this.#watch(dealer, "parent", {
      onConnect: () => socket.onConnect(),
      onDisconnect: () => socket.onDisconnect(),
    });
    dealer.connect(endpoint);
    this.#pumps.push(() => this.#pump(dealer, (frames) => socket.onMessage(frames)));
    return socket;
  }

  /** Begin to receive: what has come so far, and all that comes. */
  receive(): void {
    for (const pump of this.#pumps.splice(0)) void pump();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const socket of this.#open) socket.close();
  }

  /** Answer libzmq's questions whether a key may connect (ZeroMQ RFC 27). */
  async #startAuthenticator(): Promise<void> {
    const zap = new Reply({ context: this.#context, linger: 0 });
    this.#open.push(zap);
    await zap.bind("inproc://zeromq.zap.01");
    void this.#pump(zap, (request) => {
      const [version, id, , address, , mechanism, credential] = request;
      const isCurve = `${mechanism}` === "CURVE" && credential?.length === 32;
      const key = isCurve ? encodeZ85(credential) : "";
      const isAllowed = `${version}` === "1.0" && this.#authorized.has(key);
      if (!isAllowed) this.#settings.onEvent?.(`children: refused ${address}: unknown key`);
      const answer = isAllowed ? ["200", "OK", key, ""] : ["400", "No access", "", ""];
      // It fails only when the socket is being closed, and then nobody waits for the answer.
      zap.send(["1.0", id ?? "", ...answer]).catch(() => {});
    });
  }

  #watch(
    socket: Router | Dealer,
    name: string,
    on: { onConnect?: () => void; onDisconnect: () => void },
  ): void {
    const { onEvent } = this.#settings;
    socket.events.on("handshake", () => {
      if (!this.#isClosed) on.onConnect?.();
    });
    socket.events.on("disconnect", () => {
      if (!this.#isClosed) on.onDisconnect();
    });
    if (!onEvent) return;
    for (const type of ["accept", "connect", "connect:retry", "handshake", "disconnect"] as const) {
      socket.events.on(type, ({ address }: { address?: string }) => {
        onEvent(`${name}: ${type} ${address ?? ""}`);
      });
    }
    socket.events.on("handshake:error:auth", ({ error }) => {
      onEvent(`${name}: handshake failed: ${error.message}`);
    });
  }

  /** Hand over what arrives until the socket is closed. */
  async #pump(
    socket: { receive(): Promise<Buffer[]>; readonly closed: boolean },
    deliver: (frames: Buffer[]) => void,
  ): Promise<void> {
    for (;;) {
      let frames: Buffer[];
      try {
        frames = await socket.receive();
      } catch (error) {
        if (this.#isClosed || socket.closed) return;
        throw error;
      }
      if (this.#isClosed) return;
      deliver(frames);
    }
  }
}
