import { type Message, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { Errno, errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { Control, controlMessage } from "./control.ts";
import { goodbyeRequest, type Hello, helloRequest } from "./hello.ts";
import { type LivenessSettings, needsHeartbeat } from "./liveness.ts";
import { eventFramesOf, type Frame, framesOf, messageFrom } from "./peer-frames.ts";
import type { ParentSocket, PeerContext } from "./peers.ts";
import { RpcTracker } from "./rpc-tracker.ts";

/**
 * - `hello`: said hello, no answer yet; other messages may follow it all the same
 * - `online`: accepted
 * - `goodbye`: said goodbye; nothing is sent any more
 * - `failed`: lost or refused; there is no way back, a new broker process has to say hello
 */
type ParentState = "connecting" | "hello" | "online" | "goodbye" | "failed";

/** The parent of a broker: what goes to and comes from it. */
export class Upstream {
  readonly rank: number;
  /** The parent's uuid, once it has accepted us: the route of what it sends down. */
  uuid: string | undefined;
  readonly tracker = new RpcTracker();
  readonly #context: PeerContext;
  #socket: ParentSocket | undefined;
  #state: ParentState = "connecting";
  #lastSent = 0;
  #connections = 0;
  #onGoodbye: () => void = () => {};

  constructor(rank: number, context: PeerContext) {
    this.rank = rank;
    this.#context = context;
  }

  /** Use this socket, which is being connected, and say hello. */
  attach(socket: ParentSocket, hello: Hello): void {
    this.#socket = socket;
    socket.onMessage = (frames) => this.#receive(frames);
    socket.onConnect = () => this.#onConnect(hello);
    socket.onDisconnect = () => this.#onDisconnect();
    this.#state = "hello";
    this.#send(helloRequest(hello));
  }

  /** A connection that was cut before the parent answered may have taken the hello with it. */
  #onConnect(hello: Hello): void {
    this.#connections++;
    if (this.#connections > 1 && this.#state === "hello") this.#send(helloRequest(hello));
  }

  /** Messages can be sent: hello was said, and the parent is not lost. */
  get isUsable(): boolean {
    return this.#state === "hello" || this.#state === "online";
  }

  sendRequest(request: Message): void {
    if (!this.isUsable) throw new FluxError("EHOSTUNREACH");
    this.tracker.onRequest(request);
    this.#send(request);
  }

  sendResponse(response: Message): void {
    if (this.isUsable) this.#send(response);
  }

  sendEvent(event: Message): void {
    if (!this.isUsable) return;
    this.#transmit(eventFramesOf(event));
    this.#context.trace("tx", this.rank, event);
  }

  sendStatus(status: number): void {
    if (this.isUsable) this.#send(controlMessage(Control.Status, status));
  }

  /** Send a sign of life if nothing else was sent for too long. */
  checkLiveness(settings: LivenessSettings): void {
    if (!this.isUsable) return;
    if (needsHeartbeat(settings, this.#lastSent, this.#context.now())) {
      this.#send(controlMessage(Control.Heartbeat));
    }
  }

  /**
   * Say goodbye; `done` runs once the parent has answered or is lost, at once if it has not even
   * accepted us.
   */
  goodbye(done: () => void): void {
    if (this.#state !== "online") {
      done();
      return;
    }
    this.#onGoodbye = done;
    this.#send(goodbyeRequest());
    this.#state = "goodbye";
  }

  /** `overlay.disconnect-parent`: give the parent up. */
  disconnect(reason: string): void {
    this.#fail(`disconnecting: ${reason}`);
  }

  #receive(frames: Uint8Array[]): void {
    const message = messageFrom(frames);
    if (!message || this.#state === "failed") return;
    this.#context.trace("rx", this.rank, message);
    if (message.type === MessageType.Control) {
      this.#receiveControl(message);
      return;
    }
    if (this.#state === "hello") {
      this.#receiveHello(message);
      return;
    }
    if (message.type === MessageType.Event) {
      message.routes = undefined;
      this.#context.broker.receiveEvent(message);
      return;
    }
    if (message.type === MessageType.Response) {
      if (this.#state === "goodbye" && message.topic === overlay.goodbye.topic) {
        this.#onGoodbye();
        return;
      }
      this.tracker.onResponse(message);
    }
    this.#context.broker.receive(message);
  }

  #receiveControl(message: Message): void {
    const { broker, hostOf } = this.#context;
    if (message.aux1 !== Control.Disconnect) {
      broker.log(3, `DROP upstream control topic -: unknown control type`);
      return;
    }
    this.#fail(`${hostOf(this.rank)} (rank ${this.rank}) sent disconnect control message`);
  }

  #receiveHello(message: Message): void {
    const { broker } = this.#context;
    if (message.type !== MessageType.Response || message.topic !== overlay.hello.topic) {
      const why = "message received before hello handshake completed";
      broker.log(3, `DROP upstream message topic ${message.topic ?? "-"}: ${why}`);
      return;
    }
    try {
      if (message.errnum !== 0) throw new FluxError(message.errnum, textOf(message));
      this.uuid = overlay.hello.response.decode(message.payload, overlay.hello.topic).uuid;
      this.#state = "online";
      broker.log(7, `hello parent ${this.rank} ${this.uuid}`);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      this.#fail(`overlay.hello: ${error.message}`);
    }
  }

  #onDisconnect(): void {
    if (this.#state === "goodbye") this.#onGoodbye();
    if (this.#state !== "online") return;
    const host = this.#context.hostOf(this.rank);
    this.#fail(`lost the connection to the parent, ${host} (rank ${this.rank})`);
  }

  #fail(reason: string): void {
    if (this.#state === "failed") return;
    const { broker } = this.#context;
    this.#state = "failed";
    const text = Payload.text("overlay disconnect");
    for (const request of this.tracker.takeAll()) {
      broker.receive(request.response(Errno.EHOSTUNREACH, text));
    }
    this.#onGoodbye();
    broker.parentFailed(reason);
  }

  #send(message: Message): void {
    this.#transmit(framesOf(message));
    this.#context.trace("tx", this.rank, message);
  }

  #transmit(frames: Frame[]): void {
    this.#socket?.send(frames);
    this.#lastSent = this.#context.now();
  }
}

/** The text of an error response, or what its errno means. */
function textOf(message: Message): string {
  try {
    return message.payload?.text ?? errnoText(message.errnum);
  } catch (error) {
    if (error instanceof FluxError) return errnoText(message.errnum);
    throw error;
  }
}
