import { spawn as nodeSpawn } from "node:child_process";
import { pathToFileURL } from "node:url";
import { devNull } from "../packages/flux/src/native/child-fds.ts";
import { FdReader } from "../packages/flux/src/native/fd-reader.ts";
import { closeFd, openPipe } from "../packages/flux/src/native/pipe.ts";
import { spawn } from "../packages/flux/src/native/spawn.ts";
import { watchChild } from "../packages/flux/src/native/wait.ts";
import { startProcess } from "../packages/flux/src/subprocess/process.ts";

/**
 * What starting processes costs here, without anything around it: the ceiling for every benchmark
 * that runs jobs. Compare figures of one run only. Usage: `node --conditions=flux-source --import
 * tsx bench/spawn.ts [COUNT]`.
 */

const command = "/bin/true";
const concurrency = 8;
const env = { PATH: "/usr/bin:/bin" };

/**
 * Start and reap `count` times /bin/true, without pipes, and return how many that is per second.
 */
export function bareSpawnLoop(count: number): Promise<number> {
  return spawnsPerSecond(count, async () => {
    const pid = await spawn({ argv: [command], env, fds: [devNull, devNull, devNull] });
    await new Promise<void>((resolve) => watchChild(pid, { onExit: () => resolve() }));
  });
}

/** As bareSpawnLoop, with standard output and error read through pipes to their ends. */
export function pipedSpawnLoop(count: number): Promise<number> {
  return spawnsPerSecond(count, async () => {
    const pipes = [openPipe(), openPipe()];
    const fds = [devNull, ...pipes.map(({ write }) => write)];
    const pid = await spawn({ argv: [command], env, fds });
    const ends = pipes.map(({ read, write }) => {
      closeFd(write);
      return new Promise<void>((resolve) => {
        new FdReader(read, { onData: () => {}, onEnd: () => resolve() }).resume();
      });
    });
    ends.push(new Promise<void>((resolve) => watchChild(pid, { onExit: () => resolve() })));
    await Promise.all(ends);
  });
}

/** The same with the process object that the rexec service and the job shell use. */
export function processLoop(count: number): Promise<number> {
  return spawnsPerSecond(
    count,
    () =>
      new Promise<void>((resolve, reject) => {
        const io = { stdin: "null", stdout: "pipe", stderr: "pipe" } as const;
        const started = startProcess(
          { argv: [command], env, ...io },
          { onOutput: () => {}, onComplete: () => resolve() },
        );
        started.catch(reject);
      }),
  );
}

/** Node's own way, which forks: the bigger this process, the slower. */
export function childProcessLoop(count: number): Promise<number> {
  return spawnsPerSecond(
    count,
    () =>
      new Promise<void>((resolve, reject) => {
        const child = nodeSpawn(command, { env, stdio: "ignore" });
        child.on("error", reject).on("exit", () => resolve());
      }),
  );
}

async function spawnsPerSecond(count: number, one: () => Promise<void>): Promise<number> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await one();
  };
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrency }, worker));
  return count / ((performance.now() - start) / 1000);
}

async function main(count: number): Promise<void> {
  await bareSpawnLoop(100);
  const rows: [string, (count: number) => Promise<number>, number][] = [
    ["posix_spawn, no pipes", bareSpawnLoop, count],
    ["posix_spawn, 2 pipes", pipedSpawnLoop, count],
    ["subprocess, 2 pipes", processLoop, count],
    ["child_process, no pipes", childProcessLoop, Math.ceil(count / 5)],
  ];
  for (const [name, run, times] of rows) {
    const rate = await run(times);
    console.log(`${name.padEnd(26)}${rate.toFixed(0).padStart(7)} /s`);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(Number(process.argv[2] ?? 3000));
}
