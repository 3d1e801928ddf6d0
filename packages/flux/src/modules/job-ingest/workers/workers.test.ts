import { type Later, later, type Request } from "@flux-ts/client/request";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { rexec } from "@flux-ts/protocol/services/rexec";
import { testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import { Workers } from "./workers.ts";

type Line = (job: JsonObject) => string;

/** A subprocess service whose processes answer each line of input. */
async function setUp(answer: Line) {
  const broker = await testBroker();
  const server = broker.connect();
  await server.addService("rexec");
  const started: JsonObject[] = [];
  const processes = new Map<number, Request<unknown>>();
  const closed: number[] = [];
  server.serve(rexec.exec, ({ cmd }, request): Later => {
    started.push(cmd as JsonObject);
    processes.set(request.matchtag, request as Request<unknown>);
    request.respond({ type: "started", pid: 100 + started.length });
    return later;
  });
  server.serve(rexec.write, ({ matchtag, io }) => {
    const process = processes.get(matchtag);
    if (io.eof) {
      closed.push(matchtag);
      process?.end();
      return;
    }
    for (const line of (io.data ?? "").trimEnd().split("\n")) {
      const data = answer(JSON.parse(line) as JsonObject);
      if (data === "exit") process?.end();
      else process?.respond({ type: "output", io: { stream: "stdout", rank: "0", data } });
    }
  });
  const log: string[] = [];
  const workers = new Workers({
    flux: broker.flux,
    rank: 0,
    cmdline: ["flux", "job-validator", "--plugins", "site"],
    bufferSize: "10M",
    log: (_severity, text) => void log.push(text),
  });
  return { broker, workers, started, closed, log };
}

test("a worker is started when there is work, and answers line by line", async () => {
  const { broker, workers, started } = await setUp((job) => `{"errnum":0,"data":{"n":${job.n}}}\n`);
  await using _broker = broker;
  expect(started).toEqual([]);
  const answers = await Promise.all([1, 2, 3].map((n) => workers.process({ n })));
  expect(answers).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }]);
  expect(started).toMatchObject([
    {
      cmdline: ["flux", "job-validator", "--plugins", "site"],
      opts: { stdin_BUFSIZE: "10M" },
    },
  ]);
  expect(workers.stats).toEqual({ running: 1, backlog: 0, trash: 0, pids: [101] });
  workers.stop();
  expect(workers.stats.running).toBe(0);
});

test("what a worker refuses is refused with its number and text", async () => {
  const { broker, workers } = await setUp(() => '{"errnum":22,"errstr":"too greedy"}\n');
  await using _broker = broker;
  await expect(workers.process({})).rejects.toMatchObject({
    code: "EINVAL",
    message: "too greedy",
  });
  workers.stop();
});

test("what is no answer refuses the job", async () => {
  const { broker, workers } = await setUp(() => "nonsense\n");
  await using _broker = broker;
  await expect(workers.process({})).rejects.toMatchObject({ code: "EINVAL" });
  workers.stop();
});

test("jobs of a worker that dies are refused; the next job gets a new worker", async () => {
  const { broker, workers, started } = await setUp((job) => (job.kill ? "exit" : '{"errnum":0}\n'));
  await using _broker = broker;
  await expect(workers.process({ kill: 1 })).rejects.toMatchObject({
    code: "EPROTO",
    message: "Unrecoverable error: worker unexpectedly exited",
  });
  await expect(workers.process({})).resolves.toBeUndefined();
  expect(started).toHaveLength(2);
  workers.stop();
});

test("more workers are started when all have much to do, up to four", async () => {
  const { broker, workers, started } = await setUp(() => '{"errnum":0}\n');
  await using _broker = broker;
  await Promise.all(Array.from({ length: 300 }, () => workers.process({})));
  expect(started).toHaveLength(4);
  workers.stop();
});
