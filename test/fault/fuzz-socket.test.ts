// Damaged messages into a broker's socket: it drops who sends them and serves everybody else.
// FUZZ_MESSAGES sets how many (a million before a release; fewer in CI).

import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { notBuilt } from "@flux-ts/testing/instance";
import { mutate, Random } from "@flux-ts/testing/mutate";
import { sampleMessages } from "@flux-ts/testing/sample-messages";
import { describe, expect, test } from "vitest";
import { Leader } from "./leader.ts";

const count = Number(process.env.FUZZ_MESSAGES ?? 10_000);
/** A connection ends with the first message that cannot be read; so each gets a few. */
const perConnection = 8;
const allowedGrowthKb = 200 * 1024;

/** Resident memory of a process, in kB. */
function residentKb(pid: string): number {
  const match = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(match?.[1]);
}

/** Send damaged messages on one connection, and wait until the broker has closed it. */
function send(path: string, messages: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => resolve());
    socket.resume();
    socket.end(Buffer.concat(messages));
  });
}

describe.skipIf(notBuilt)("fuzzing the local socket", () => {
  test(`${count} mutated messages: no crash, no hang, memory bounded`, async () => {
    await using leader = new Leader();
    const flux = await leader.start();
    const path = (await flux.attr("local-uri")).slice("local://".length);
    const pid = await flux.attr("broker.pid");
    const before = residentKb(pid);
    const random = new Random(Number(process.env.FUZZ_SEED ?? 20261122));
    const samples = sampleMessages();
    for (let sent = 0; sent < count; sent += perConnection) {
      const messages = Array.from({ length: perConnection }, () =>
        mutate(samples[random.below(samples.length)]!, random),
      );
      await send(path, messages);
    }
    expect(Number(await flux.attr("rank"))).toBe(0);
    expect(await flux.rpc("job-list.ping", { seq: 1 })).toMatchObject({ seq: 1 });
    expect(residentKb(pid) - before).toBeLessThan(allowedGrowthKb);
    flux.close();
  }, 3_600_000);
});
