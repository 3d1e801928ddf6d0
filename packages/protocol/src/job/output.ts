import { FluxError } from "../rpc/error.ts";
import type { JsonObject } from "../schema/json.ts";
import { type ObjectOf, t } from "../schema/schema.ts";
import { decodeBase64, encodeBase64 } from "../text/base64.ts";
import { textOf } from "../text/utf8.ts";
import type { EventlogEntry } from "./eventlog.ts";

/**
 * Standard I/O of jobs (RFC 24): contexts of the events in `guest.output` and `guest.input`, and
 * the io objects of the subprocess protocol (RFC 42), which are data contexts.
 */

/** A piece of a stream, its end, or both. */
export interface IoData {
  /** `stdin`, `stdout`, `stderr`. */
  readonly stream: string;
  /** An idset of the ranks it came from or goes to, or `all`. */
  readonly rank: string;
  readonly data?: Uint8Array;
  readonly eof?: boolean;
  /** How many times in a row this data occurred. */
  readonly repeat?: number;
}

/** Default encoding and number of streams by name. There is one header, first in the log. */
export type OutputHeader = {
  version: number;
  encoding: Record<string, string>;
  count: Record<string, number>;
  options: JsonObject;
};

/** A line of the job shell itself. */
export type OutputLog = ObjectOf<typeof logShape>;

/** Data of this stream is not in the log; it goes to `path` if that is named. */
export type OutputRedirect = ObjectOf<typeof redirectShape>;

export type OutputEvent =
  | { readonly name: "header"; readonly context: OutputHeader }
  | { readonly name: "data"; readonly context: IoData }
  | { readonly name: "redirect"; readonly context: OutputRedirect }
  | { readonly name: "log"; readonly context: OutputLog };

const dataSchema = t.object({
  stream: t.string,
  rank: t.string,
  data: t.optional(t.string),
  encoding: t.optional(t.string),
  eof: t.optional(t.boolean),
  repeat: t.optional(t.int),
});
const headerSchema = t.object({
  version: t.int,
  encoding: t.record(t.string),
  count: t.record(t.int),
  options: t.jsonObject,
});
const redirectShape = { stream: t.string, rank: t.string, path: t.optional(t.string) };
const logShape = {
  /** Severity of RFC 5424: 0 emergency to 7 debug. */
  level: t.int,
  message: t.string,
  rank: t.optional(t.int),
  program: t.optional(t.string),
  component: t.optional(t.string),
  file: t.optional(t.string),
  line: t.optional(t.int),
};
const redirectSchema = t.object(redirectShape);
const logSchema = t.object(logShape);

/**
 * The io object of a piece of output: text where the bytes are UTF-8, base64 where they are not.
 * EINVAL if there is neither data nor end of stream.
 */
export function encodeIo({ stream, rank, data, eof, repeat }: IoData): JsonObject {
  if (!data?.length && !eof) throw new FluxError("EINVAL", `${stream}: neither data nor eof`);
  const io: JsonObject = { stream, rank };
  if (data?.length) {
    const text = textOf(data);
    if (text === undefined) io.encoding = "base64";
    io.data = text ?? encodeBase64(data);
  }
  if (eof) io.eof = true;
  if (repeat !== undefined && repeat !== 1) io.repeat = repeat;
  return io;
}

/**
 * What an io object says. `header` is that of its log, whose encoding holds where the object
 * names none. EPROTO if it is malformed.
 */
export function decodeIo(json: unknown, header?: OutputHeader): IoData {
  const { stream, rank, data, encoding, eof, repeat } = dataSchema.check(json, "data");
  if (data === undefined && eof === undefined) {
    throw new FluxError("EPROTO", "data: neither data nor eof");
  }
  if (header && !Object.hasOwn(header.encoding, stream)) {
    throw new FluxError("EPROTO", `data: stream ${stream} is not in the header`);
  }
  return {
    stream,
    rank,
    ...(data !== undefined && { data: bytesOf(data, encoding ?? header?.encoding[stream]) }),
    ...(eof !== undefined && { eof }),
    ...(repeat !== undefined && { repeat }),
  };
}

function bytesOf(data: string, encoding = "UTF-8"): Uint8Array {
  switch (encoding.toLowerCase()) {
    case "utf-8":
      return new TextEncoder().encode(data);
    case "base64":
      try {
        return decodeBase64(data);
      } catch (cause) {
        throw new FluxError("EPROTO", "data: not base64", { cause });
      }
    default:
      throw new FluxError("EPROTO", `data: unknown encoding ${encoding}`);
  }
}

/** The header of `guest.output` of a job with this many tasks. */
export function outputHeader(ntasks: number): OutputHeader {
  return {
    version: 1,
    encoding: { stdout: "UTF-8", stderr: "UTF-8" },
    count: { stdout: ntasks, stderr: ntasks },
    options: {},
  };
}

/** The header of `guest.input`, which has one writer. */
export function inputHeader(): OutputHeader {
  return { version: 1, encoding: { stdin: "UTF-8" }, count: { stdin: 1 }, options: {} };
}

/**
 * An event of an output or input log; undefined for one that RFC 24 does not know, which readers
 * skip. EPROTO if it is malformed.
 */
export function parseOutputEvent(
  { name, context }: Pick<EventlogEntry, "name" | "context">,
  header?: OutputHeader,
): OutputEvent | undefined {
  switch (name) {
    case "header": {
      const checked = headerSchema.check(context, "header");
      if (checked.version !== 1) {
        throw new FluxError("EPROTO", `header: version ${checked.version} is not 1`);
      }
      return { name, context: checked };
    }
    case "data":
      return { name, context: decodeIo(context, header) };
    case "redirect":
      return { name, context: redirectSchema.check(context, "redirect") };
    case "log":
      return { name, context: logSchema.check(context, "log") };
    default:
      return undefined;
  }
}
