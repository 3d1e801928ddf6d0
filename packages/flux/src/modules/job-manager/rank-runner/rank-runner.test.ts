import { type Later, later, type Request } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { rexec } from "@flux-ts/protocol/services/rexec";
import { testBroker } from "@flux-ts/testing/broker";
import { expect, test, vi } from "vitest";
import { RankRunner } from "./rank-runner.ts";

/** A subprocess service on rank 0, and what a command on it reports. */
async function setUp() {
  const broker = await testBroker();
  const server = broker.connect();
  await server.addService("rexec");
  const started: { cmd: JsonObject; request: Request<unknown> }[] = [];
  const signals: JsonObject[] = [];
  server.serve(rexec.exec, ({ cmd }, request): Later => {
    started.push({ cmd: cmd as JsonObject, request: request as Request<unknown> });
    return later;
  });
  server.serve(rexec.kill, (request) => void signals.push({ ...request }));
  const told: unknown[] = [];
  const command = {
    cmdline: ["site-script", "-x"],
    env: { FLUX_JOB_ID: "ƒ1" },
    ranks: [0],
    onOutput: (...output: unknown[]) => void told.push(output),
    onExit: (...exit: unknown[]) => void told.push(exit),
    onFailed: (...failed: unknown[]) => void told.push(failed),
  };
  const runner = new RankRunner(broker.flux, (run) => run());
  runner.run(command);
  await vi.waitUntil(() => started.length === 1);
  const { cmd, request } = started[0]!;
  return { broker, runner, command, cmd, request, signals, told };
}

test("a command runs with its environment added to the broker's", async () => {
  const { broker, cmd } = await setUp();
  await using _broker = broker;
  expect(cmd).toMatchObject({
    cmdline: ["site-script", "-x"],
    env: { PATH: process.env.PATH, FLUX_JOB_ID: "ƒ1" },
  });
});

test("output comes by whole lines, the rest at the end of the stream", async () => {
  const { broker, request, told } = await setUp();
  await using _broker = broker;
  const output = (data: string, eof = false) =>
    request.respond({ type: "output", io: { stream: "stderr", rank: "0", data, eof } });
  output("one\ntw");
  output("o\nthr");
  output("ee", true);
  await vi.waitUntil(() => told.length === 3);
  expect(told).toEqual([
    [0, "stderr", "one"],
    [0, "stderr", "two"],
    [0, "stderr", "three"],
  ]);
});

test("the wait status is told once, when the process has ended", async () => {
  const { broker, request, told } = await setUp();
  await using _broker = broker;
  request.respond({ type: "finished", status: 256 });
  request.end();
  await vi.waitUntil(() => told.length > 0);
  expect(told).toEqual([[0, 256]]);
});

test("a process that cannot start has failed", async () => {
  const { broker, request, told } = await setUp();
  await using _broker = broker;
  request.fail(new FluxError("ENOENT", "no such script"));
  await vi.waitUntil(() => told.length > 0);
  expect(told).toEqual([[0, new FluxError("ENOENT", "no such script")]]);
});

test("a signal waits until the process has started, and is not sent after its end", async () => {
  const { broker, runner, command, request, signals, told } = await setUp();
  await using _broker = broker;
  runner.signal(command, [0], 15);
  request.respond({ type: "started", pid: 77 });
  await vi.waitUntil(() => signals.length === 1);
  runner.signal(command, [0], 9);
  await vi.waitUntil(() => signals.length === 2);
  request.respond({ type: "finished", status: 15 });
  await vi.waitUntil(() => told.length > 0);
  runner.signal(command, [0], 9);
  expect(signals).toEqual([
    { pid: 77, signum: 15 },
    { pid: 77, signum: 9 },
  ]);
});
