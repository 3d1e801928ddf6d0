import { spawn as nodeSpawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { devNull } from "./child-fds.ts";
import { reapOrphans } from "./orphans.ts";
import { killGroup, setChildSubreaper } from "./process-control.ts";
import { spawn } from "./spawn.ts";
import { watchChild } from "./wait.ts";

// The part of wait.test.ts that needs a main thread of its own: test threads get no signals.

const env = { PATH: "/usr/bin:/bin" };
const fds = [devNull, devNull, devNull];
const exitOf = (pid: number): Promise<number> =>
  new Promise((onExit) => watchChild(pid, { onExit }));

/** A thread that ends while one of its children is at work; resolves to what it found and its exit code. */
async function inWorker(): Promise<unknown[]> {
  // Threads do not inherit the loader that reads TypeScript.
  const loader = JSON.stringify(import.meta.resolve("tsx/esm/api"));
  const file = JSON.stringify(import.meta.url);
  const code = `import(${loader}).then(({ register }) => (register(), import(${file})))`;
  const worker = new Worker(code, { eval: true });
  const exited = new Promise((resolve) => worker.on("exit", resolve));
  const status = await new Promise((resolve) => worker.on("message", resolve));
  worker.postMessage("end");
  return [status, await exited];
}

async function worker(): Promise<void> {
  const sleeper = await spawn({ argv: ["sleep", "1"], env, fds });
  watchChild(sleeper, { onExit: () => {} });
  parentPort!.once("message", () => process.exit(3));
  parentPort!.postMessage(await exitOf(await spawn({ argv: ["sh", "-c", "exit 4"], env, fds })));
}

async function main(): Promise<void> {
  const libuv = new Promise<number | null>((resolve) => {
    nodeSpawn("/bin/sh", ["-c", "sleep 0.1; exit 7"]).on("exit", resolve);
  });
  const codes = Array.from({ length: 200 }, (_, i) => i % 100);
  const ends = await Promise.all(
    codes.map(async (code) =>
      exitOf(await spawn({ argv: ["sh", "-c", `exit ${code}`], env, fds })),
    ),
  );
  const right = ends.filter((status, i) => status === codes[i]! << 8).length;
  console.log(`ours ${right} of ${codes.length}`);
  console.log(`libuv ${await libuv}`);

  const sleeper = await spawn({ argv: ["sleep", "60"], env, fds });
  const stopped = new Promise<number>((onStopped) => {
    watchChild(sleeper, { onStopped, onExit: (status) => console.log(`killed ${status}`) });
  });
  killGroup(sleeper, 19);
  console.log(`stopped ${(await stopped) >> 8}`);
  killGroup(sleeper, 9);

  setChildSubreaper(true);
  reapOrphans();
  await exitOf(await spawn({ argv: ["sh", "-c", "(sleep 0.05; exit 5) & "], env, fds }));
  const children = (): string =>
    readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, "utf8").trim();
  for (let i = 0; i < 500 && children() !== ""; i++) await delay(10);
  console.log(children() === "" ? "orphans reaped" : `left: ${children()}`);
  console.log(`worker ${(await inWorker()).join(" ")}`);
}

await (isMainThread ? main() : worker());
