import type { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Method } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import type { JournalEntry } from "@flux-ts/protocol/services/job-manager";

import type { RankCommand } from "./rank-command.ts";

/** A request whose answer waits for something; the driver knows what is behind it. */
export interface Asker {
  /** Identity of the client, to forget its requests when it disconnects. */
  readonly sender: string;
}

/** What the machine wants done. The driver performs effects in this order. */
export type Effect =
  /** A request without matchtag: responses to it, if any, are matched by job id (RFC 27, RFC 32). */
  | { readonly do: "send"; readonly method: AnyMethod; readonly request: JsonObject }
  /** A request that is never answered. */
  | { readonly do: "notify"; readonly method: AnyMethod; readonly request: JsonObject }
  /** An ordinary RPC; `done` is an input of the machine. */
  | {
      readonly do: "call";
      readonly method: AnyMethod;
      readonly request: JsonObject;
      readonly done: (error?: FluxError) => void;
    }
  | {
      readonly do: "publish";
      readonly topic: string;
      readonly payload: JsonObject;
      readonly isPrivate: boolean;
    }
  /** Start a command on its ranks; what becomes of it are inputs. */
  | { readonly do: "run"; readonly command: RankCommand }
  | {
      readonly do: "signal";
      readonly command: RankCommand;
      readonly ranks: readonly number[];
      readonly signum: number;
    }
  | { readonly do: "journal"; readonly message: JournalEntry }
  | { readonly do: "answer"; readonly to: Asker; readonly response: JsonObject | undefined }
  | { readonly do: "refuse"; readonly to: Asker; readonly error: FluxError }
  | { readonly do: "log"; readonly severity: 3 | 4 | 6 | 7; readonly text: string };

export type AnyMethod = Method<unknown, unknown>;

/** A method as effects carry it: what is sent with it was checked where the effect was made. */
export function effectMethod<Request>(method: Method<Request, unknown>): AnyMethod {
  return method as AnyMethod;
}
