import { fluxCoreCommand, noFluxCore, python } from "@flux-ts/testing/flux-core";
import { fluxCommand, Instance } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// With brokers of flux-core, too: what is expected of ours is what its users know.
const brokers: [string, string][] = [
  ["ours", fluxCommand],
  ["flux-core's", fluxCoreCommand],
];

describe.skipIf(noFluxCore !== undefined).each(brokers)(
  "flux-core's Python bindings, brokers: %s",
  (_whose, command) => {
    let instance: Instance;
    beforeAll(async () => {
      instance = await Instance.start({ size: 2, command });
    });
    afterAll(() => instance?.stop());

    /** What a script prints, as JSON. */
    async function result(script: string): Promise<unknown> {
      const preamble = "import json, flux, flux.job\nh = flux.Flux()\n";
      const { status, stdout, stderr } = await python(instance, preamble + script);
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout);
    }

    test("flux.job.submit, wait and result", async () => {
      const script = `
spec = flux.job.JobspecV1.from_command(["sh", "-c", "exit 7"], num_tasks=2, num_nodes=2)
jobid = flux.job.submit(h, spec, waitable=True)
waited = flux.job.wait(h, jobid)
info = flux.job.result(h, jobid)
errstr = waited.errstr.decode() if isinstance(waited.errstr, bytes) else waited.errstr
same = flux.job.JobID(jobid).f58 == str(jobid)
print(json.dumps([waited.success, errstr, info.returncode, str(info.result), same]))`;
      expect(await result(script)).toEqual([
        false,
        "task(s) exited with exit code 7",
        7,
        "FAILED",
        true,
      ]);
    });

    test("flux.job.submit_async, event_watch and output_event_watch", async () => {
      const script = `
spec = flux.job.JobspecV1.from_command(["echo", "hello"])
jobid = flux.job.submit_async(h, spec).get_id()
names = [event.name for event in flux.job.event_watch(h, jobid)]
events = flux.job.output_event_watch(h, jobid)
output = [event.data for event in events if event.name == "data" and event.data]
print(json.dumps([names[0], names[-1], "start" in names, output]))`;
      expect(await result(script)).toEqual(["submit", "clean", true, ["hello\n"]]);
    });

    test("JournalConsumer tells the past, then what happens", async () => {
      const script = `
from flux.job.journal import JournalConsumer
spec = flux.job.JobspecV1.from_command(["true"])
first = flux.job.submit(h, spec, waitable=True)
flux.job.wait(h, first)
consumer = JournalConsumer(h, full=True, include_sentinel=True).start()
seen = {"past": [], "live": []}
second = None
while True:
    event = consumer.poll(timeout=30)
    if event.is_empty():
        second = flux.job.submit(h, spec)
    elif second is None and event.jobid == first:
        seen["past"].append(event.name)
    elif event.jobid == second:
        seen["live"].append(event.name)
        if event.name == "submit":
            seen["command"] = event.jobspec["tasks"][0]["command"]
        if event.name == "alloc":
            seen["R"] = event.R["version"]
        if event.name == "clean":
            break
consumer.stop()
print(json.dumps(seen))`;
      const common = [
        "submit",
        "validate",
        "depend",
        "priority",
        "alloc",
        "start",
        "finish",
        "clean",
      ];
      expect(await result(script)).toEqual({
        past: expect.arrayContaining(common),
        live: expect.arrayContaining([...common, "annotations"]),
        command: ["true"],
        R: 1,
      });
    });

    test("FluxExecutor runs many jobs and gives their exit codes", async () => {
      const script = `
from flux.job import FluxExecutor
with FluxExecutor() as executor:
    futures = [
        executor.submit(flux.job.JobspecV1.from_command(["sh", "-c", f"exit {i % 3}"]))
        for i in range(30)
    ]
    codes = [future.result(timeout=60) for future in futures]
    canceled = executor.submit(flux.job.JobspecV1.from_command(["sleep", "600"]))
    canceled.add_event_callback("alloc", lambda future, event: flux.job.cancel(h, future.jobid()))
    try:
        end = canceled.result(timeout=60)
    except flux.job.JobException as exc:
        end = exc.type
print(json.dumps([codes, end]))`;
      const [codes] = (await result(script)) as [number[], string];
      expect(codes).toEqual(Array.from({ length: 30 }, (_, i) => i % 3));
    });

    test("flux.kvs: values, directories, transactions, watching", async () => {
      const script = `
import flux.kvs
flux.kvs.put(h, "p.a", 1)
flux.kvs.put(h, "p.b", {"x": [1.5, None, "ü"]})
flux.kvs.commit(h)
with flux.kvs.get_dir(h, "p") as d:
    keys = sorted(d)
    d["c"] = "text"
    d.commit()
txn = flux.kvs.KVSTxn(h, "p")
txn.put("d", [1])
txn.unlink("c")
txn.commit()
walk = [(path, sorted(files)) for path, dirs, files in flux.kvs.walk("p", flux_handle=h)]
missing = flux.kvs.exists(h, "p.none")
watch = flux.kvs.kvs_watch_async(h, "p.a")
watched = [watch.get()]
flux.kvs.put(h, "p.a", 2)
flux.kvs.commit(h)
watched.append(watch.get())
watch.cancel()
values = [flux.kvs.get(h, "p.a"), flux.kvs.get(h, "p.b")]
print(json.dumps([values, keys, missing, flux.kvs.isdir(h, "p"), walk, watched]))`;
      expect(await result(script)).toEqual([
        [2, { x: [1.5, null, "ü"] }],
        ["a", "b"],
        false,
        true,
        [["", ["a", "b", "d"]]],
        [1, 2],
      ]);
    });

    test("job listings, resources, queues and statistics", async () => {
      const script = `
from flux.job import JobList
from flux.resource import resource_list
from flux.job.stats import JobStats
spec = flux.job.JobspecV1.from_command(["true"])
jobid = flux.job.submit(h, spec, waitable=True)
flux.job.wait(h, jobid)
job = flux.job.job_list_id(h, jobid).get_jobinfo()
listed = [j.id for j in JobList(h, ids=[jobid]).jobs()]
rl = resource_list(h).get()
stats = JobStats(h).update_sync()
result = [job.name, job.nnodes, job.returncode, listed == [jobid]]
print(json.dumps(result + [rl.up.nnodes, rl.all.ncores > 0, stats.successful > 0]))`;
      expect(await result(script)).toEqual(["true", 1, 0, true, 2, true, true]);
    });

    test("events and RPCs, answered and refused", async () => {
      const script = `
h.event_subscribe("test.py")
h.event_send("test.python", {"value": 1.5})
event = h.event_recv()
attr = h.attr_get("size")
try:
    h.rpc("kvs.nothing").get()
except OSError as exc:
    error = [exc.errno, exc.strerror]
echo = h.rpc("job-manager.ping", {"big": 2**62, "real": 1.0}, nodeid=0).get()
print(json.dumps([event.topic, event.payload, attr, error, echo["big"] == 2**62]))`;
      expect(await result(script)).toEqual([
        "test.python",
        { value: 1.5 },
        "2",
        [38, "Unknown service method 'kvs.nothing'"],
        true,
      ]);
    });

    test("a service of a Python program is called by others", async () => {
      const script = `
import subprocess, sys
h.service_register("pyservice").get()
def answer(handle, watcher, msg, arg):
    handle.respond(msg, {"sum": sum(msg.payload["values"])})
    handle.reactor_stop()
watcher = h.msg_watcher_create(answer, flux.constants.FLUX_MSGTYPE_REQUEST, "pyservice.add")
watcher.start()
code = 'import flux; print(flux.Flux().rpc("pyservice.add", {"values": [1, 2, 3]}).get()["sum"])'
child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
h.reactor_run()
print(json.dumps(int(child.communicate()[0])))
h.service_unregister("pyservice").get()`;
      expect(await result(script)).toBe(6);
    });
  },
);
