import { expect, test } from "vitest";
import { FdReader } from "./fd-reader.ts";
import { FdWriter } from "./fd-writer.ts";
import { duplicateFd } from "./pipe.ts";
import { openPty, setWindowSize, spawnOnPty, windowSize } from "./pty.ts";
import { watchChild } from "./wait.ts";

const env = { PATH: "/usr/bin:/bin", TERM: "dumb" };

test("a process on a pseudo-terminal has it as its controlling terminal, of the size given", async () => {
  const pty = openPty({ rows: 33, cols: 90 });
  expect(windowSize(pty.master)).toEqual({ rows: 33, cols: 90 });
  let text = "";
  const ended = new Promise<void>((resolve) => {
    const onData = (data: Uint8Array): void => {
      text += new TextDecoder().decode(data);
    };
    new FdReader(pty.master, { onData, onEnd: () => resolve() }).resume();
  });
  const script = "tty; stty size </dev/tty; test -t 2 && echo terminal";
  const pid = await spawnOnPty({ argv: ["sh", "-c", script], env }, pty);
  const status = await new Promise((onExit) => watchChild(pid, { onExit }));
  await ended;
  expect(text).toBe(`${pty.path}\r\n33 90\r\nterminal\r\n`);
  expect(status).toBe(0);
});

test("what is typed reaches the process; interrupt and window changes arrive as signals", async () => {
  const pty = openPty({ rows: 24, cols: 80 });
  const writer = new FdWriter(duplicateFd(pty.master), { limitBytes: 1000 });
  let text = "";
  const answers: [string, () => void][] = [
    ["ready", () => setWindowSize(pty.master, { rows: 10, cols: 20 })],
    ["10 20", () => writer.write(new TextEncoder().encode("typed\n"))],
    ["got typed", () => writer.write(new Uint8Array([3]))],
  ];
  const ended = new Promise<void>((resolve) => {
    const onData = (data: Uint8Array): void => {
      text += new TextDecoder().decode(data);
      while (answers[0] && text.includes(answers[0][0])) answers.shift()![1]();
    };
    new FdReader(pty.master, { onData, onEnd: () => resolve() }).resume();
  });
  const script = `trap 'stty size' WINCH; trap 'echo interrupted; exit 3' INT; echo ready
    until read line; do :; done; echo got $line; while :; do sleep 0.01; done`;
  const pid = await spawnOnPty({ argv: ["sh", "-c", script], env }, pty);
  const status = await new Promise((onExit) => watchChild(pid, { onExit }));
  writer.close();
  await ended;
  expect(text).toContain("interrupted");
  expect(status).toBe(3 << 8);
});
