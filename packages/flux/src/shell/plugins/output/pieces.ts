import { encodeIo } from "@flux-ts/protocol/job/output";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { textOf } from "@flux-ts/protocol/text/utf8";

const newline = 10;

/** The lines of some output, each with its newline, and what follows the last one. */
export function linesOf(data: Uint8Array): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let start = 0; start < data.length; ) {
    const found = data.indexOf(newline, start);
    const end = found === -1 ? data.length : found + 1;
    lines.push(data.subarray(start, end));
    start = end;
  }
  return lines;
}

/** An io object (RFC 24), and the bytes of data in it. */
export interface IoPiece {
  readonly io: JsonObject;
  readonly size: number;
}

/** Io objects for some output, one for each line as flux-core's readers expect. */
export function ioPieces(stream: string, rank: string, data: Uint8Array): IoPiece[] {
  const text = textOf(data);
  if (text === undefined) {
    return linesOf(data).map((line) => ({
      io: encodeIo({ stream, rank, data: line }),
      size: line.length,
    }));
  }
  const pieces: IoPiece[] = [];
  const isAscii = text.length === data.length;
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf("\n", start) + 1 || text.length;
    const line = text.slice(start, end);
    const size = isAscii ? line.length : new TextEncoder().encode(line).length;
    pieces.push({ io: { stream, rank, data: line }, size });
    start = end;
  }
  return pieces;
}
