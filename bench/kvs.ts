import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "../packages/client/src/connect.ts";
import type { Flux } from "../packages/client/src/handle.ts";
import { Kvs, KvsNamespaces } from "../packages/client/src/kvs.ts";
import { KvsTxn } from "../packages/client/src/kvs-txn.ts";

/**
 * What the key-value store costs a client. Compare figures of one run only. Usage: `node
 * --conditions=flux-source --import tsx bench/kvs.ts [COUNT]`: with FLUX_URI against that instance
 * (flux-core's or ours), else in this process, where the figures include broker, content and the
 * database thread.
 */

const count = Number(process.argv[2] ?? 2000);
/** Requests that a pipelining client has out. */
const depth = 200;

interface Subject {
  readonly flux: Flux;
  readonly name: string;
  stop(): Promise<void>;
}

async function measure(name: string, times: number, body: () => Promise<void>): Promise<void> {
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await body();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rate = (times / seconds).toFixed(0).padStart(8);
  const each = ((user + system) / times).toFixed(1).padStart(8);
  console.log(`${name.padEnd(34)} ${rate} /s ${each} us CPU of this process each`);
}

async function oneByOne(times: number, call: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < times; i++) await call(i);
}

async function pipelined(times: number, call: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times) await call(next++);
  };
  await Promise.all(Array.from({ length: depth }, lane));
}

async function puts(flux: Flux): Promise<void> {
  const kvs = new Kvs(flux, "primary");
  const put = (where: string) => (i: number) => kvs.put(`bench.${where}.k${i}`, `value ${i}`);
  const sync = (where: string) => (i: number) =>
    kvs.put(`bench.${where}.k${i}`, `value ${i}`, { sync: true });
  await measure("put, one by one", count, () => oneByOne(count, put("a")));
  await measure("put to one key, one by one", count, () => oneByOne(count, () => put("b")(0)));
  await measure("put, pipelined", 5 * count, () => pipelined(5 * count, put("c")));
  await measure("put --sync, one by one", count, () => oneByOne(count, sync("d")));
  await measure("put --sync, pipelined", 5 * count, () => pipelined(5 * count, sync("e")));
  await measure("append, one by one", count, () =>
    oneByOne(count, (i) => kvs.commit(new KvsTxn().append("bench.log", `event ${i}\n`))),
  );
}

async function gets(flux: Flux): Promise<void> {
  const kvs = new Kvs(flux, "primary");
  const get = (i: number) => kvs.get(`bench.a.k${i % count}`);
  await measure("get, one by one", 5 * count, () => oneByOne(5 * count, get));
  await measure("get, pipelined", 10 * count, () => pipelined(10 * count, get));
}

/** What the KVS does for a job: a namespace, some events, and away with it. */
async function jobs(flux: Flux): Promise<void> {
  const namespaces = new KvsNamespaces(flux);
  const { rootref } = await emptyRoot(namespaces, flux);
  const job = async (i: number): Promise<void> => {
    const name = `bench-job-${i}`;
    await namespaces.create(name, { rootref });
    const kvs = new Kvs(flux, name);
    for (const event of ["init", "starting", "shell.init", "complete", "done"]) {
      await kvs.appendEvent("exec.eventlog", event);
    }
    await namespaces.remove(name);
  };
  await measure("namespace with 5 events, one by one", count, () => oneByOne(count, job));
  await measure("namespace with 5 events, pipelined", count, () =>
    pipelined(count, (i) => job(count + i)),
  );
}

async function emptyRoot(namespaces: KvsNamespaces, flux: Flux) {
  await namespaces.create("bench-empty");
  const root = await new Kvs(flux, "bench-empty").getroot();
  await namespaces.remove("bench-empty");
  return root;
}

async function inProcess(): Promise<Subject> {
  const { testBroker } = await import("../packages/testing/src/broker.ts");
  const { ModuleLoader } = await import("../packages/flux/src/broker/module-loader.ts");
  const statedir = mkdtempSync(join(tmpdir(), "flux-bench-"));
  const broker = await testBroker({ attrs: { statedir } });
  const entry = new URL("./module-thread.mjs", import.meta.url).pathname;
  const loader = new ModuleLoader(broker.core.modules, entry, () => ({}));
  for (const path of ["content", "content-sqlite", "kvs"]) await loader.load({ path, args: [] });
  return {
    flux: broker.flux,
    name: "this process",
    async stop() {
      await broker[Symbol.asyncDispose]();
      rmSync(statedir, { recursive: true });
    },
  };
}

async function connected(uri: string): Promise<Subject> {
  const flux = await connect(uri);
  return { flux, name: uri, stop: async () => flux.close() };
}

const { FLUX_URI } = process.env;
const subject = FLUX_URI ? await connected(FLUX_URI) : await inProcess();
console.log(`KVS of ${subject.name}`);
await puts(subject.flux);
await gets(subject.flux);
await jobs(subject.flux);
await new Kvs(subject.flux, "primary").unlink("bench");
await subject.stop();
process.exit(0);
