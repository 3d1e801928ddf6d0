import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { devNull } from "./child-fds.ts";
import { FdReader } from "./fd-reader.ts";
import { closeFd, openPipe } from "./pipe.ts";
import { killGroup } from "./process-control.ts";
import { spawn } from "./spawn.ts";
import { watchChild } from "./wait.ts";

const env = { PATH: "/usr/bin:/bin" };
const fds = [devNull, devNull, devNull];

test("a child that ended before it was watched is reported all the same", async () => {
  const { read, write } = openPipe();
  const pid = await spawn({ argv: ["/bin/true"], env, fds: [devNull, write] });
  closeFd(write);
  await new Promise<unknown>((onEnd) => new FdReader(read, { onData: () => {}, onEnd }).resume());
  expect(await new Promise((onExit) => watchChild(pid, { onExit }))).toBe(0);
});

test("a child that is stopped is reported, and lives on", async () => {
  const pid = await spawn({ argv: ["sleep", "60"], env, fds });
  const events: string[] = [];
  const exited = new Promise<number>((onExit) => {
    const onStopped = (status: number): void => {
      events.push(`stopped ${status >> 8}`);
      killGroup(pid, 18);
      killGroup(pid, 15);
    };
    watchChild(pid, { onExit, onStopped });
  });
  killGroup(pid, 19);
  expect(await exited).toBe(15);
  expect(events).toEqual(["stopped 19"]);
});

test("in a main thread SIGCHLD tells; children of libuv and orphans keep apart", async () => {
  const script = fileURLToPath(
    new URL("../../../../test/fixtures/wait-main-thread.ts", import.meta.url),
  );
  const argv = [process.execPath, "--conditions=flux-source", "--import", "tsx", script];
  const { read, write } = openPipe();
  let text = "";
  const onData = (data: Uint8Array): void => {
    text += new TextDecoder().decode(data);
  };
  const ended = new Promise<unknown>((onEnd) => new FdReader(read, { onData, onEnd }).resume());
  const path = { PATH: process.env.PATH ?? "" };
  const pid = await spawn({ argv, env: path, fds: [devNull, write, write] });
  closeFd(write);
  const status = await new Promise((onExit) => watchChild(pid, { onExit }));
  await ended;
  expect(text).toBe(
    "ours 200 of 200\nlibuv 7\nstopped 19\nkilled 9\norphans reaped\nworker 1024 3\n",
  );
  expect(status).toBe(0);
}, 30_000);
