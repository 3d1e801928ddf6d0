import { isErrno } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { FdReader } from "./fd-reader.ts";
import { FdWriter } from "./fd-writer.ts";
import { closeFd, openPipe, openSocketPair, shutdownWrite } from "./pipe.ts";

function collect(fd: number): { reader: FdReader; chunks: Uint8Array[]; ended: Promise<void> } {
  const chunks: Uint8Array[] = [];
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const reader = new FdReader(fd, { onData: (data) => chunks.push(data), onEnd: () => end() });
  return { reader, chunks, ended };
}

const sizeOf = (chunks: Uint8Array[]): number => chunks.reduce((sum, c) => sum + c.length, 0);

test("bytes written to a pipe arrive in order, and its end after them", async () => {
  const { read, write } = openPipe();
  const { reader, chunks, ended } = collect(read);
  const writer = new FdWriter(write, { limitBytes: 1 << 21 });
  const sent = Uint8Array.from({ length: 1 << 20 }, (_, i) => i % 251);
  reader.resume();
  for (let i = 0; i < sent.length; i += 100_003) writer.write(sent.subarray(i, i + 100_003));
  writer.end();
  await ended;
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});

test("a paused reader leaves data in the pipe, so the writer keeps it and reports what drains", async () => {
  const { read, write } = openPipe();
  const { reader, chunks, ended } = collect(read);
  let drained = 0;
  const onDrain = (bytes: number): void => {
    drained += bytes;
  };
  const writer = new FdWriter(write, { limitBytes: 500_000 }, { onDrain });
  writer.write(new Uint8Array(400_000));
  expect(drained).toBe(65_536);
  expect(writer.bufferedBytes).toBe(400_000 - 65_536);
  expect(sizeOf(chunks)).toBe(0);
  reader.resume();
  writer.end();
  await ended;
  expect(drained).toBe(400_000);
  expect(sizeOf(chunks)).toBe(400_000);
});

test("a writer takes no more than its limit, and nothing after its end", () => {
  const { read, write } = openPipe();
  const writer = new FdWriter(write, { limitBytes: 70_000 });
  writer.write(new Uint8Array(70_000));
  const refused = (errno: "ENOSPC" | "EPIPE", bytes: number): boolean => {
    try {
      writer.write(new Uint8Array(bytes));
      return false;
    } catch (error) {
      return isErrno(error, errno);
    }
  };
  expect(refused("ENOSPC", 65_537)).toBe(true);
  expect(refused("ENOSPC", 65_536)).toBe(false);
  writer.end();
  expect(refused("EPIPE", 1)).toBe(true);
  writer.close();
  closeFd(read);
});

test("what is written to a reader that is gone is dropped, with one error", async () => {
  const { read, write } = openPipe();
  closeFd(read);
  const errors: unknown[] = [];
  let drained = 0;
  const events = {
    onError: (error: unknown) => errors.push(error),
    onDrain: (bytes: number) => {
      drained += bytes;
    },
  };
  const writer = new FdWriter(write, { limitBytes: 100 }, events);
  writer.write(new Uint8Array(60));
  writer.write(new Uint8Array(60));
  writer.end();
  expect(drained).toBe(120);
  expect(errors).toHaveLength(1);
  expect(isErrno(errors[0], "EPIPE")).toBe(true);
});

test("one side of a socket pair can end while the other goes on", async () => {
  const [ours, theirs] = openSocketPair();
  const here = collect(ours);
  const there = collect(theirs);
  here.reader.resume();
  there.reader.resume();
  shutdownWrite(ours);
  await there.ended;
  await here.ended;
  expect([here.reader.ended, there.reader.ended]).toEqual([true, true]);
});
