import type { Flux } from "@flux-ts/client/handle";
import { Kvs } from "@flux-ts/client/kvs";
import { later } from "@flux-ts/client/request";
import { formatJobId, type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { Message, MessageType, nodeidAny } from "@flux-ts/protocol/message/message";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import type { RequestOf, ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { feasibility } from "@flux-ts/protocol/services/feasibility";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { resource } from "@flux-ts/protocol/services/resource";
import { AllocType, sched } from "@flux-ts/protocol/services/sched";
import { type TestBroker, testBroker } from "@flux-ts/testing/broker";
import content from "flux-ts/modules/content/content";
import kvs from "flux-ts/modules/kvs/kvs";
import schedSimple from "flux-ts/modules/sched-simple/sched-simple";
import { expect, test } from "vitest";

type AllocResponse = ResponseOf<typeof sched.alloc>;
type HelloResponse = ResponseOf<typeof jobManager.schedHello>;

/** Two nodes of two cores. */
const resources = {
  version: 1,
  execution: { R_lite: [{ rank: "0-1", children: { core: "0-1" } }], nodelist: ["n[0-1]"] },
};

/** The job manager's and the resource module's side of the protocol, driven by a test. */
class Peers {
  readonly broker: TestBroker;
  readonly flux: Flux;
  readonly log: string[] = [];
  readonly hello: RequestOf<typeof jobManager.schedHello>[] = [];
  readonly ready: RequestOf<typeof jobManager.schedReady>[] = [];
  readonly raised: RequestOf<typeof jobManager.raise>[] = [];
  /** Jobs that hold resources when the scheduler asks. */
  running: HelloResponse[] = [];
  /** Changes what is available. */
  change: (update: ResponseOf<typeof resource.acquire>) => void = () => {};
  readonly #responses: AllocResponse[] = [];
  #waiting: ((response: AllocResponse) => void) | undefined;
  #onReady: () => void = () => {};
  readonly isReady = new Promise<void>((resolve) => {
    this.#onReady = resolve;
  });

  private constructor(broker: TestBroker) {
    this.broker = broker;
    this.flux = broker.connect();
    this.flux.onStrayResponse = (message) => {
      expect(message.errnum).toBe(0);
      this.#receive(sched.alloc.response.decode(message.payload, "sched.alloc"));
    };
  }

  static async start(running: HelloResponse[] = [], args: string[] = []): Promise<Peers> {
    const peers = new Peers(await testBroker({ modules: [content, kvs] }));
    peers.running = running;
    await peers.#serve();
    for (const { id } of running) {
      const R_lite = [{ rank: "0", children: { core: "0" } }];
      const R = { version: 1, execution: { R_lite, nodelist: ["n0"], expiration: 0 } };
      const key = `${formatJobId(id, "kvs")}.R`;
      await new Kvs(peers.flux, "primary").put(key, JSON.stringify(R));
    }
    await peers.broker.load(schedSimple, args);
    await peers.isReady;
    return peers;
  }

  async #serve(): Promise<void> {
    const { flux, log } = this;
    for (const name of ["job-manager", "resource"]) await flux.addService(name);
    flux.serve(resource.acquire, (_, request) => {
      log.push("acquire");
      this.change = (update) => request.respond(update);
      request.respond({ resources, up: "0-1" });
      return later;
    });
    flux.serve(jobManager.schedHello, (args, request) => {
      log.push("hello");
      this.hello.push(args);
      for (const job of this.running) request.respond(job);
      request.end();
      return later;
    });
    flux.serve(jobManager.schedReady, (args) => {
      log.push("ready");
      this.ready.push(args);
      this.#onReady();
      return { count: 0 };
    });
    flux.serve(jobManager.raise, (args) => {
      this.raised.push(args);
    });
  }

  /** Send as the job manager does: without a matchtag, yet not as NORESPONSE. */
  send<Request>(
    method: { topic: string; request: { encode(value: Request): unknown } },
    args: Request,
  ) {
    this.flux.sendMessage(
      new Message({
        type: MessageType.Request,
        topic: method.topic,
        routes: [],
        payload: method.request.encode(args) as Message["payload"],
        aux1: nodeidAny,
      }),
    );
  }

  alloc(id: number, cores: number, system: JsonObject = {}, priority = 16): JobId {
    const jobid = toJobId(id);
    this.send(sched.alloc, {
      id: jobid,
      priority,
      userid: 1,
      t_submit: 1,
      jobspec: jobspec(cores, system),
    });
    return jobid;
  }

  #receive(response: AllocResponse): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) waiting(response);
    else this.#responses.push(response);
  }

  /** The next response to an alloc request. */
  next(): Promise<AllocResponse> {
    const response = this.#responses.shift();
    return response
      ? Promise.resolve(response)
      : new Promise((resolve) => {
          this.#waiting = resolve;
        });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.broker[Symbol.asyncDispose]();
  }
}

function jobspec(cores: number, system: JsonObject = {}): JsonObject {
  const slot = { type: "slot", count: cores, label: "t", with: [{ type: "core", count: 1 }] };
  return {
    version: 1,
    resources: [slot],
    tasks: [],
    attributes: { system: { duration: 0, ...system } },
  };
}

function times(R: JsonObject | undefined): { starttime: number; expiration: number } {
  const { starttime, expiration } = parseR(R);
  return { starttime, expiration };
}

const running = (id: number, free?: string): HelloResponse => ({
  id: toJobId(id),
  priority: 16,
  userid: 1,
  t_submit: 1,
  free,
});

test("RFC 27 Hello, Ready: acquire, hello and ready follow each other", async () => {
  await using peers = await Peers.start();
  expect(peers.log).toEqual(["acquire", "hello", "ready"]);
  expect(peers.hello).toEqual([{ "partial-ok": true }]);
  expect(peers.ready).toEqual([{ mode: "limited", limit: 8 }]);
});

test("RFC 27 Ready: the mode can be unlimited", async () => {
  await using peers = await Peers.start([], ["mode=unlimited"]);
  expect(peers.ready).toEqual([{ mode: "unlimited" }]);
});

test("RFC 27 Hello: what running jobs hold is allocated", async () => {
  await using peers = await Peers.start([running(1)]);
  peers.alloc(2, 3);
  expect(await peers.next()).toMatchObject({
    id: 2n,
    type: AllocType.Success,
    annotations: { sched: { resource_summary: "rank0/core1 rank1/core[0-1]" } },
  });
});

test("RFC 27 Hello: ranks in free were given back already", async () => {
  await using peers = await Peers.start([running(1, "0")]);
  peers.alloc(2, 4);
  expect(await peers.next()).toMatchObject({ type: AllocType.Success });
});

test("RFC 27 Hello: a job whose resources are gone gets an exception", async () => {
  const peers = await Peers.start();
  await using _ = peers;
  const R_lite = [{ rank: "7", children: { core: "0" } }];
  const text = JSON.stringify({ version: 1, execution: { R_lite, nodelist: ["n7"] } });
  const id = toJobId(9);
  await new Kvs(peers.flux, "primary").put(`${formatJobId(id, "kvs")}.R`, text);
  await peers.broker.unload("sched-simple");
  peers.running = [running(9)];
  await peers.broker.load(schedSimple);
  await expect
    .poll(() => peers.raised)
    .toMatchObject([{ id, severity: 0, type: "scheduler-restart" }]);
});

test("RFC 27 Alloc Success: R is in the KVS before the response", async () => {
  await using peers = await Peers.start();
  const id = peers.alloc(1, 1, { duration: 60 });
  const { type, R } = await peers.next();
  expect(type).toBe(AllocType.Success);
  const text = await new Kvs(peers.flux, "primary").getText(`${formatJobId(id, "kvs")}.R`);
  expect(JSON.parse(text)).toEqual(R);
  const { starttime, expiration } = times(R);
  expect(expiration - starttime).toBeCloseTo(60);
  expect(text).toMatch(/"nslots":1/);
});

test("RFC 27 Alloc: requests are matched by job id, so several can be open", async () => {
  await using peers = await Peers.start();
  for (const id of [1, 2, 3]) peers.alloc(id, 1);
  const responses = [await peers.next(), await peers.next(), await peers.next()];
  expect(responses.map(({ id }) => Number(id))).toEqual([1, 2, 3]);
});

test("RFC 27 Alloc Annotate: a waiting job hears of its start, and success removes that", async () => {
  await using peers = await Peers.start();
  const first = peers.alloc(1, 4, { duration: 60 });
  const { R } = await peers.next();
  peers.alloc(2, 1);
  const annotated = await peers.next();
  expect(annotated).toMatchObject({ id: 2n, type: AllocType.Annotate });
  const { expiration } = times(R);
  expect(annotated.annotations).toEqual({ sched: { t_estimate: expiration } });
  peers.send(sched.free, { id: first, R: R ?? {}, final: true });
  expect((await peers.next()).annotations).toEqual({
    sched: { resource_summary: "rank0/core0", t_estimate: null },
  });
});

test("RFC 27 Alloc Deny: what can never be had is denied with a note", async () => {
  await using peers = await Peers.start();
  peers.alloc(1, 5);
  expect(await peers.next()).toEqual({
    id: 1n,
    type: AllocType.Deny,
    note:
      "unsatisfiable request: need 5 slot(s) of 1 core(s), only 4 such slot(s) available " +
      "(total cores: 4)",
  });
});

test("RFC 27 Alloc Cancel: a cancelled request is answered with CANCEL and no more", async () => {
  await using peers = await Peers.start();
  peers.alloc(1, 4);
  await peers.next();
  const id = peers.alloc(2, 1);
  peers.send(sched.cancel, { id });
  expect(await peers.next()).toEqual({ id, type: AllocType.Cancel });
});

test("RFC 27 Cancel: without a pending request it is ignored", async () => {
  await using peers = await Peers.start();
  peers.send(sched.cancel, { id: toJobId(77) });
  peers.alloc(1, 1);
  expect(await peers.next()).toMatchObject({ id: 1n, type: AllocType.Success });
});

test("RFC 27 Prioritize: requests are answered in the order of their new priorities", async () => {
  await using peers = await Peers.start();
  const first = peers.alloc(1, 4);
  const { R } = await peers.next();
  peers.alloc(2, 4);
  peers.alloc(3, 4);
  peers.send(sched.prioritize, { jobs: [[3, 31]] });
  peers.send(sched.free, { id: first, R: R ?? {}, final: true });
  expect((await peers.next()).id).toBe(3n);
});

test("RFC 27 Expiration: the response is empty, or the reason of a refusal", async () => {
  await using peers = await Peers.start();
  const id = peers.alloc(1, 1);
  await peers.next();
  expect(await peers.flux.call(sched.expiration, { id, expiration: 5 })).toBeUndefined();
  const refused = peers.flux.call(sched.expiration, { id, expiration: -1 });
  await expect(refused).rejects.toMatchObject({ code: "EINVAL" });
});

test("RFC 27 Free: parts of an allocation can be given back one by one", async () => {
  await using peers = await Peers.start();
  const id = peers.alloc(1, 4);
  await peers.next();
  const part = (rank: string): JsonObject => ({
    version: 1,
    execution: { R_lite: [{ rank, children: { core: "0-1" } }], nodelist: [`n${rank}`] },
  });
  peers.send(sched.free, { id, R: part("1") });
  peers.alloc(2, 2);
  expect(await peers.next()).toMatchObject({
    annotations: { sched: { resource_summary: "rank1/core[0-1]" } },
  });
  peers.send(sched.free, { id, R: part("0"), final: true });
  peers.alloc(3, 2);
  expect(await peers.next()).toMatchObject({
    annotations: { sched: { resource_summary: "rank0/core[0-1]" } },
  });
});

test("RFC 27, 28: a node that goes down gets no jobs until it is up again", async () => {
  await using peers = await Peers.start();
  peers.change({ down: "0" });
  peers.alloc(1, 2);
  expect(await peers.next()).toMatchObject({
    annotations: { sched: { resource_summary: "rank1/core[0-1]" } },
  });
  peers.alloc(2, 2);
  peers.change({ up: "0" });
  expect(await peers.next()).toMatchObject({ id: 2n, type: AllocType.Success });
});

test("RFC 27, 28: with fewer nodes in the instance a waiting job may become impossible", async () => {
  await using peers = await Peers.start();
  peers.alloc(1, 1);
  await peers.next();
  peers.alloc(2, 4);
  peers.change({ down: "1", shrink: "1" });
  expect(await peers.next()).toMatchObject({ id: 2n, type: AllocType.Deny });
});

test("RFC 27, 28: an allocation without a duration ends with the instance", async () => {
  await using peers = await Peers.start();
  peers.change({ expiration: 9_999_999_999 });
  peers.alloc(1, 1);
  expect((await peers.next()).R?.execution).toMatchObject({ expiration: 9_999_999_999 });
});

test("RFC 27 Feasibility: the response is empty, or says why the job can never run", async () => {
  await using peers = await Peers.start();
  peers.change({ down: "0-1" });
  expect(await peers.flux.call(feasibility.check, { jobspec: jobspec(4) })).toBeUndefined();
  const refused = peers.flux.call(feasibility.check, { jobspec: jobspec(5) });
  await expect(refused).rejects.toThrow("unsatisfiable request");
});
