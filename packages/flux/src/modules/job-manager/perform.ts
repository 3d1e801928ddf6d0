import type { Flux } from "@flux-ts/client/handle";
import { Request } from "@flux-ts/client/request";
import { Message, MessageFlag, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { AnyMethod, Asker, Effect } from "./effect.ts";
import type { Journal } from "./journal.ts";
import type { RankRunner } from "./rank-runner/rank-runner.ts";

interface PerformerOptions {
  readonly flux: Flux;
  readonly journal: Journal;
  readonly runner: RankRunner;
  readonly log: (severity: 3 | 4 | 6 | 7, text: string) => void;
  /** Run an input of the machine that came of an effect. */
  readonly input: (run: () => void) => void;
}

/** Does what the machine wants done. */
export class Performer {
  readonly #options: PerformerOptions;

  constructor(options: PerformerOptions) {
    this.#options = options;
  }

  perform(effects: readonly Effect[]): void {
    const { flux, journal, log, runner } = this.#options;
    for (const effect of effects) {
      if (effect.do === "journal") {
        journal.append(effect.message);
        continue;
      }
      // Whoever gets to know of something by other ways can rely on the journal having told it.
      journal.flush();
      switch (effect.do) {
        case "send":
          this.#send(effect.method, effect.request);
          break;
        case "notify":
          flux.send(effect.method, effect.request);
          break;
        case "call":
          this.#call(effect.method, effect.request, effect.done);
          break;
        case "publish": {
          const flags = effect.isPrivate ? MessageFlag.Private : 0;
          flux.publish(effect.topic, effect.payload, flags);
          break;
        }
        case "answer":
          requestOf(effect.to).respond(effect.response);
          break;
        case "refuse":
          requestOf(effect.to).fail(effect.error);
          break;
        case "run":
          runner.run(effect.command);
          break;
        case "signal":
          runner.signal(effect.command, effect.ranks, effect.signum);
          break;
        case "log":
          log(effect.severity, effect.text);
          break;
      }
    }
    journal.flush();
  }

  /** RFC 27, RFC 32: matchtag 0, so that any number of requests can be under way. */
  #send(method: AnyMethod, request: JsonObject): void {
    const payload = method.request.encode(request);
    const message = { topic: method.topic, payload, routes: [], aux1: nodeidAny, aux2: 0 };
    this.#options.flux.sendMessage(new Message({ type: MessageType.Request, ...message }));
  }

  #call(method: AnyMethod, request: JsonObject, done: (error?: FluxError) => void): void {
    const { flux, input } = this.#options;
    flux.call(method, request).then(
      () => input(() => done()),
      (error: unknown) => input(() => done(asFluxError(error))),
    );
  }
}

/** The machine hands back the requests it was given. */
export function requestOf(asker: Asker): Request<unknown> {
  if (asker instanceof Request) return asker as Request<unknown>;
  throw new TypeError("an asker that is no request");
}

function asFluxError(error: unknown): FluxError {
  return error instanceof FluxError ? error : new FluxError("EPROTO", String(error));
}
