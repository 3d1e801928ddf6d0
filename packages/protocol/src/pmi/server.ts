import { encodeUtf8 } from "../message/text.ts";
import { FluxError } from "../rpc/error.ts";
import { type PmiFields, parsePmiLine, pmiInteger, pmiText, printPmiLine } from "./line.ts";
import { PmiResult, pmiLimits } from "./result.ts";

/** What the host of a PMI server does for it. */
export type PmiEffect =
  /** Send a line to the process of this rank. */
  | { readonly do: "respond"; readonly rank: number; readonly line: string }
  /** The process is done with PMI: close its connection. */
  | { readonly do: "close"; readonly rank: number }
  /**
   * All local processes wait in the barrier: combine `pairs`, what they put since the last one, with
   * those of the other servers of the program, then call `onExchanged` with everyone's.
   */
  | { readonly do: "exchange"; readonly pairs: Readonly<Record<string, string>> }
  /** End the whole program. */
  | {
      readonly do: "abort";
      readonly rank: number;
      readonly exitCode: number;
      readonly text: string;
    }
  /** The process broke the protocol: log `text` and end the program (RFC 13). */
  | { readonly do: "violation"; readonly rank: number; readonly text: string };

export interface PmiServerOptions {
  /** Processes of the whole program. */
  readonly universeSize: number;
  /** Processes that this server serves. */
  readonly localSize: number;
  readonly kvsname: string;
  readonly appnum?: number;
  /** What the processes find without anybody having put it, such as `PMI_process_mapping`. */
  readonly preput?: Readonly<Record<string, string>>;
}

/** Keys of this kind are for the processes of one node and never leave it. */
const localPrefix = "local::";
/** Keys one program may put: three a process would do; more is a leak or an attack. */
const maxPairs = 1_000_000;

/**
 * The server of the PMI-1 wire protocol (RFC 13): lines of the local processes come in, effects come
 * out. Serves `flux start` (all processes local) and the job shell (one server a node).
 */
export class PmiServer {
  readonly #options: PmiServerOptions;
  readonly #pairs = new Map<string, string>();
  /** Put since the last barrier. */
  #pending = new Map<string, string>();
  readonly #waiting = new Set<number>();
  /** Ranks in the middle of a spawn request, which has many lines. */
  readonly #spawning = new Set<number>();

  constructor(options: PmiServerOptions) {
    this.#options = options;
    for (const [key, value] of Object.entries(options.preput ?? {})) this.#pairs.set(key, value);
  }

  /** Value of a key, whoever put it. */
  valueOf(key: string): string | undefined {
    return this.#pairs.get(key);
  }

  /** A line came from the process with this rank. */
  onLine(rank: number, line: string): PmiEffect[] {
    const fields = parsePmiLine(line);
    if (this.#spawning.has(rank)) return this.#spawnLine(rank, line);
    try {
      return this.#command(rank, fields);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      return [{ do: "violation", rank, text: `${error.message} (in: ${line.trim()})` }];
    }
  }

  /** The exchange that was asked for is over: `pairs` of all servers, or a failure. */
  onExchanged(result: { pairs: Readonly<Record<string, string>> } | { failed: true }): PmiEffect[] {
    const failed = "failed" in result;
    if (!failed)
      for (const [key, value] of Object.entries(result.pairs)) this.#pairs.set(key, value);
    const ranks = [...this.#waiting];
    this.#waiting.clear();
    const line = printPmiLine({
      cmd: "barrier_out",
      rc: failed ? PmiResult.Fail : PmiResult.Success,
    });
    return ranks.map((rank) => ({ do: "respond", rank, line }));
  }

  #command(rank: number, fields: PmiFields): PmiEffect[] {
    const respond = (answer: Readonly<Record<string, string | number>>): PmiEffect[] => [
      { do: "respond", rank, line: printPmiLine(answer) },
    ];
    switch (fields.get("cmd")) {
      case "init":
        return respond(initAnswer(fields));
      case "get_maxes":
        return respond({
          cmd: "maxes",
          rc: 0,
          kvsname_max: pmiLimits.kvsname,
          keylen_max: pmiLimits.key,
          vallen_max: pmiLimits.value,
        });
      case "get_universe_size":
        return respond({ cmd: "universe_size", rc: 0, size: this.#options.universeSize });
      case "get_appnum":
        return respond({ cmd: "appnum", rc: 0, appnum: this.#options.appnum ?? 0 });
      case "get_my_kvsname":
        return respond({ cmd: "my_kvsname", rc: 0, kvsname: this.#options.kvsname });
      case "put":
        return respond({ cmd: "put_result", rc: this.#put(fields) });
      case "get":
        return respond(this.#get(fields));
      case "barrier_in":
        return this.#barrier(rank);
      case "finalize":
        return [...respond({ cmd: "finalize_ack", rc: 0 }), { do: "close", rank }];
      case "abort":
        return [{ do: "abort", rank, ...abortReason(fields) }];
      case "publish_name":
        return respond(unsupported("publish_result"));
      case "unpublish_name":
        return respond(unsupported("unpublish_result"));
      case "lookup_name":
        return respond(unsupported("lookup_result"));
      default:
        return this.#other(rank, fields);
    }
  }

  #other(rank: number, fields: PmiFields): PmiEffect[] {
    if (fields.get("mcmd") !== "spawn") throw new FluxError("EPROTO", "PMI: unknown command");
    this.#spawning.add(rank);
    return [];
  }

  /** RFC 13: spawn is optional; its lines are read to the end, and then it fails. */
  #spawnLine(rank: number, line: string): PmiEffect[] {
    if (line.trim() !== "endcmd") return [];
    this.#spawning.delete(rank);
    const answer = printPmiLine({ cmd: "spawn_result", rc: PmiResult.Fail });
    return [{ do: "respond", rank, line: answer }];
  }

  #put(fields: PmiFields): number {
    const tooLong = limitOf(fields);
    if (tooLong !== undefined) return tooLong;
    const key = pmiText(fields, "key");
    const value = pmiText(fields, "value");
    if (isTooLong(value, pmiLimits.value)) return PmiResult.InvalidValueLength;
    if (this.#pairs.size >= maxPairs && !this.#pairs.has(key)) return PmiResult.NoMemory;
    this.#pairs.set(key, value);
    if (!key.startsWith(localPrefix)) this.#pending.set(key, value);
    return PmiResult.Success;
  }

  #get(fields: PmiFields): Readonly<Record<string, string | number>> {
    const tooLong = limitOf(fields);
    if (tooLong !== undefined) return { cmd: "get_result", rc: tooLong };
    const value = this.#pairs.get(pmiText(fields, "key"));
    if (value === undefined) return { cmd: "get_result", rc: PmiResult.InvalidKey };
    return { cmd: "get_result", rc: 0, value };
  }

  #barrier(rank: number): PmiEffect[] {
    this.#waiting.add(rank);
    const { localSize, universeSize } = this.#options;
    if (this.#waiting.size < localSize) return [];
    const pairs = Object.fromEntries(this.#pending);
    this.#pending = new Map();
    if (localSize === universeSize) return this.onExchanged({ pairs: {} });
    return [{ do: "exchange", pairs }];
  }
}

function initAnswer(fields: PmiFields): Readonly<Record<string, string | number>> {
  const version = pmiInteger(fields, "pmi_version");
  const subversion = pmiInteger(fields, "pmi_subversion");
  const isOlder = version < 1 || (version === 1 && subversion < 1);
  if (isOlder || version === 2) return { cmd: "response_to_init", rc: PmiResult.Fail };
  return { cmd: "response_to_init", rc: 0, pmi_version: 1, pmi_subversion: 1 };
}

function limitOf(fields: PmiFields): number | undefined {
  if (isTooLong(pmiText(fields, "kvsname"), pmiLimits.kvsname)) return PmiResult.InvalidLength;
  if (isTooLong(pmiText(fields, "key"), pmiLimits.key)) return PmiResult.InvalidKeyLength;
  return undefined;
}

function isTooLong(text: string, limit: number): boolean {
  return encodeUtf8(text).length >= limit;
}

/** RFC 13 gives abort no arguments, but MPICH sends `exitcode`, and old Flux `exit_code`. */
function abortReason(fields: PmiFields): { exitCode: number; text: string } {
  const code = Number(fields.get("exitcode") ?? fields.get("exit_code") ?? 1);
  return {
    exitCode: Number.isInteger(code) ? code : 1,
    text: fields.get("error_msg") ?? "aborted",
  };
}

function unsupported(cmd: string): Readonly<Record<string, string | number>> {
  return { cmd, rc: PmiResult.Fail, msg: "this process manager has no dynamic processes" };
}
