import type { Request } from "@flux-ts/client/request";
import type { RequestSet } from "@flux-ts/client/request-set";
import { type Message, MessageType } from "@flux-ts/protocol/message/message";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import type { JsonObject } from "@flux-ts/protocol/schema/json";

interface TraceArgs {
  names: string[];
  typemask: number;
  topic_glob: string;
  full?: boolean | undefined;
}

/** Streams what passes between the broker and its modules (`flux module trace`). */
export class MessageTrace {
  readonly #requests: RequestSet<JsonObject>;
  readonly #args = new WeakMap<Request<JsonObject>, { args: TraceArgs; glob: RegExp }>();

  constructor(requests: RequestSet<JsonObject>) {
    this.#requests = requests;
  }

  add(args: TraceArgs, request: Request<JsonObject>): void {
    this.#args.set(request, { args, glob: globPattern(args.topic_glob) });
    this.#requests.add(request);
  }

  see(direction: "rx" | "tx", name: string, message: Message): void {
    for (const request of [...this.#requests]) {
      const entry = this.#args.get(request);
      if (!entry || !wants(entry.args, entry.glob, name, message)) continue;
      // A trace that reported its own responses would never end.
      if (message.type === MessageType.Response && message.topic?.endsWith(".trace")) continue;
      request.respond(traceRecord(direction, name, message, entry.args.full ?? false));
    }
  }
}

function wants(args: TraceArgs, glob: RegExp, name: string, message: Message): boolean {
  if (!(args.typemask & message.type)) return false;
  if (args.names.length > 0 && !args.names.includes(name)) return false;
  return glob.test(message.topic ?? "");
}

function traceRecord(prefix: string, name: string, message: Message, full: boolean): JsonObject {
  const { payload, errnum, topic, type } = message;
  const failed = type === MessageType.Response && errnum !== 0;
  return {
    timestamp: Date.now() / 1000,
    prefix,
    name,
    rank: -1,
    type,
    topic: topic ?? "",
    payload_size: payload?.bytes.length ?? 0,
    ...(full && { payload: jsonOrNull(message) }),
    ...(failed && { errnum, errstr: errnoText(errnum) }),
  };
}

function jsonOrNull(message: Message): JsonObject | null {
  try {
    return message.payload?.json ?? null;
  } catch {
    return null;
  }
}

/** fnmatch(3) patterns as far as topics need them: `*` and `?`. */
function globPattern(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
