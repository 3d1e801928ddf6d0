import { encodeEntry, parseEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { decodeIo, encodeIo, outputHeader, parseOutputEvent } from "@flux-ts/protocol/job/output";
import type { Json } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
const header = {
  version: 1,
  encoding: { stdout: "base64", stderr: "UTF-8" },
  count: { stdout: 2, stderr: 2 },
  options: {},
};

test.each(["output", "input"])("RFC 24: the %s log of a job run by flux-core", (wanted) => {
  const logs = vectors<{ name: string; text: string }>("eventlogs");
  const { text: log } = logs.find(({ name }) => name === wanted)!;
  for (const { name, context } of parseEventlog(log)) {
    const event = parseOutputEvent({ name, context: context! })!;
    if (event.name === "data") expect(encodeIo(event.context)).toEqual(context);
    else expect(event.context).toEqual(context);
  }
});

test("RFC 24 Header Event: version, encoding, count and options are required", () => {
  expect(parseOutputEvent({ name: "header", context: header })).toEqual({
    name: "header",
    context: header,
  });
  for (const key of Object.keys(header)) {
    const { [key]: _removed, ...context } = header as Record<string, Json>;
    expect(() => parseOutputEvent({ name: "header", context })).toThrow(`header.${key}`);
  }
});

test("RFC 24 Header Event: this is version 1", () => {
  const context = { ...header, version: 2 };
  expect(() => parseOutputEvent({ name: "header", context })).toThrow("version 2 is not 1");
});

test("RFC 24 Data Event: data is encoded as the header says", () => {
  const context = { stream: "stdout", rank: "31", data: "bWVlcAo=", eof: true };
  const io = decodeIo(context, header);
  expect(text(io.data)).toBe("meep\n");
  expect(io.eof).toBe(true);
});

test("RFC 24 Data Event: its own encoding goes before that of the header", () => {
  const stdout = decodeIo({ stream: "stdout", rank: "0", data: "x", encoding: "UTF-8" }, header);
  expect(text(stdout.data)).toBe("x");
  const stderr = decodeIo(
    { stream: "stderr", rank: "0", data: "eA==", encoding: "base64" },
    header,
  );
  expect(text(stderr.data)).toBe("x");
});

test("RFC 24 Data Event: stream and rank are required", () => {
  expect(() => decodeIo({ rank: "0", eof: true })).toThrow("data.stream");
  expect(() => decodeIo({ stream: "stdout", eof: true })).toThrow("data.rank");
});

test("RFC 24 Data Event: streams appear in the header", () => {
  expect(() => decodeIo({ stream: "stdlog", rank: "0", eof: true }, header)).toThrow(
    "stream stdlog is not in the header",
  );
});

test("RFC 24 Data Event: rank is an idset, or all", () => {
  for (const rank of ["0", "[0-3]", "all"]) {
    expect(decodeIo({ stream: "stdin", rank, eof: true }).rank).toBe(rank);
  }
});

test("RFC 24 Data Event: there is data, or the end of the stream, or both", () => {
  expect(() => decodeIo({ stream: "stdout", rank: "0" })).toThrow("neither data nor eof");
  expect(encodeIo({ stream: "stdout", rank: "0", eof: true })).toEqual({
    stream: "stdout",
    rank: "0",
    eof: true,
  });
});

test("RFC 24 Data Event: repeated data says how often", () => {
  expect(decodeIo({ stream: "stdout", rank: "0", data: "x", repeat: 3 }).repeat).toBe(3);
  const data = new TextEncoder().encode("x");
  expect(encodeIo({ stream: "stdout", rank: "0", data, repeat: 1 })).not.toHaveProperty("repeat");
});

test("RFC 24 Redirect Event: stream and rank are required, path is not", () => {
  const context = { stream: "stdout", rank: "[0-1]" };
  expect(parseOutputEvent({ name: "redirect", context })).toEqual({ name: "redirect", context });
  expect(() => parseOutputEvent({ name: "redirect", context: { rank: "0" } })).toThrow("stream");
  expect(() => parseOutputEvent({ name: "redirect", context: { stream: "x" } })).toThrow("rank");
});

test("RFC 24 Log Event: level and message are required", () => {
  expect(() => parseOutputEvent({ name: "log", context: { level: 3 } })).toThrow("log.message");
  expect(() => parseOutputEvent({ name: "log", context: { message: "x" } })).toThrow("log.level");
});

test("RFC 24 Log Event: rank, program, file, line and component are optional", () => {
  const context = {
    level: 3,
    message: "m",
    rank: 0,
    program: "flux-shell",
    file: "task.c",
    line: 7,
    component: "pmi",
  };
  expect(parseOutputEvent({ name: "log", context })).toEqual({ name: "log", context });
});

test("RFC 24 Implementation: the log is an eventlog of RFC 18", () => {
  const line = encodeEntry({ timestamp: 1.5, name: "header", context: outputHeader(2) });
  expect(parseOutputEvent(parseEntry(line))).toMatchObject({ context: { count: { stdout: 2 } } });
});
