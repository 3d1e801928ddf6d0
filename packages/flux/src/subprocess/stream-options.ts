import { FluxError } from "@flux-ts/protocol/rpc/error";

/** How a stream of a process is buffered. */
export interface StreamOptions {
  /** Pass output on in whole lines. Default true. */
  readonly lineBuffered: boolean;
  /** Longest line to wait for, or most input to hold for a slow reader. */
  readonly bufferBytes: number;
}

export const defaultStreamOptions: StreamOptions = { lineBuffered: true, bufferBytes: 4_194_304 };

const maxBufferBytes = 0x7fff_ffff;

/**
 * What the options of a command say about a stream: `NAME_BUFSIZE` and `NAME_LINE_BUFFER`. Throws
 * EINVAL or EOVERFLOW for values that make no sense.
 */
export function streamOptions(
  opts: Readonly<Record<string, string>>,
  stream: string,
): StreamOptions {
  const size = opts[`${stream}_BUFSIZE`];
  const line = opts[`${stream}_LINE_BUFFER`];
  if (size === undefined && line === undefined) return defaultStreamOptions;
  return {
    bufferBytes: size === undefined ? defaultStreamOptions.bufferBytes : parseSize(size),
    lineBuffered: line === undefined || parseBoolean(line, `${stream}_LINE_BUFFER`),
  };
}

function parseBoolean(text: string, name: string): boolean {
  switch (text.toLowerCase()) {
    case "true":
      return true;
    case "false":
      return false;
    default:
      throw new FluxError("EINVAL", `${name}=${text} is neither true nor false`);
  }
}

const units = ["", "K", "M", "G", "T", "P", "E"];

/** A number of bytes such as `4096`, `0x1000`, `64K` or `1.5M` (powers of 1024). */
function parseSize(text: string): number {
  const match = /^\s*(0x[0-9a-f]+|[0-9]*\.?[0-9]+(?:e[0-9]+)?)([kKMGTPE]?)$/i.exec(text);
  const unit = match ? units.indexOf(match[2]!.toUpperCase()) : -1;
  const bytes = match && unit >= 0 ? Math.floor(Number(match[1]) * 1024 ** unit) : 0;
  if (!(bytes > 0)) throw new FluxError("EINVAL", `buffer size ${text} is not a number of bytes`);
  if (bytes > maxBufferBytes) throw new FluxError("EOVERFLOW", `buffer size ${text} is too large`);
  return bytes;
}
