import { fluxCoreCommand, noFluxCore } from "@flux-ts/testing/flux-core";
import { fluxCommand, Instance } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// Every pair, so that what is expected of ours is what users of flux-core know.
const pairs = [
  { client: "flux-core's", brokers: "ours" },
  { client: "ours", brokers: "flux-core's" },
  { client: "flux-core's", brokers: "flux-core's" },
  { client: "ours", brokers: "ours" },
];
const commandOf = (whose: string): string => (whose === "ours" ? fluxCommand : fluxCoreCommand);

describe.skipIf(noFluxCore !== undefined).each(pairs)(
  "command: $client, brokers: $brokers",
  ({ client, brokers }) => {
    let instance: Instance;
    beforeAll(async () => {
      instance = await Instance.start({ size: 2, command: commandOf(brokers) });
    });
    afterAll(() => instance?.stop());

    const flux = (...args: string[]): Promise<string> => instance.flux(args, commandOf(client));
    const run = (...args: string[]) => instance.run(commandOf(client), args);

    test("ping reaches brokers and modules on every rank", async () => {
      for (const target of ["0", "1", "kvs", "1!kvs"]) {
        expect((await flux("ping", "--count=2", target)).match(/seq=[01] time=/g)).toHaveLength(2);
      }
    });

    test("kvs values are put, read, listed and removed", async () => {
      await flux("kvs", "put", "a.b.c=42", 'a.x="text"', "a.y=[1, 2.5]");
      expect(await flux("kvs", "get", "a.b.c", "a.x", "a.y")).toBe('42\n"text"\n[1, 2.5]\n');
      expect(await flux("kvs", "dir", "-R", "a")).toBe(
        'a.b.c = 42\na.x = "text"\na.y = [1, 2.5]\n',
      );
      expect(await flux("kvs", "ls", "-1", "a")).toBe("b\nx\ny\n");
      await flux("kvs", "link", "a.x", "l");
      expect(await flux("kvs", "readlink", "l")).toBe("a.x\n");
      await flux("kvs", "unlink", "-R", "a");
      expect(await run("kvs", "get", "a.b.c")).toMatchObject({
        status: 1,
        stderr: "flux-kvs: a.b.c: No such file or directory\n",
      });
    });

    test("a key is watched while it changes", async () => {
      await flux("kvs", "put", "w=0");
      const watched = flux("kvs", "get", "--watch", "--count=3", "w");
      await expect.poll(() => watchers()).toBeGreaterThan(0);
      for (const value of ["1", "2"]) {
        await flux("kvs", "put", `w=${value}`);
      }
      expect(await watched).toBe("0\n1\n2\n");
    });
    const watchers = async (): Promise<number> => {
      const stats = JSON.parse(await flux("module", "stats", "kvs-watch"));
      return stats.watchers;
    };

    test("namespaces and eventlogs", async () => {
      await flux("kvs", "namespace", "create", "ns1");
      await flux("kvs", "put", "--namespace=ns1", "x=1");
      expect(await flux("kvs", "get", "--namespace=ns1", "x")).toBe("1\n");
      expect(await flux("kvs", "namespace", "list")).toMatch(/ns1/);
      await flux("kvs", "namespace", "remove", "ns1");
      await flux("kvs", "eventlog", "append", "--timestamp=1", "log", "foo", '{"a":1}');
      expect(await flux("kvs", "eventlog", "get", "-u", "log")).toBe(
        '{"timestamp":1.0,"name":"foo","context":{"a":1}}\n',
      );
    });

    test("a hundred jobs are submitted and waited for, and are listed", async () => {
      const submitted = await flux("submit", "--wait", "--cc=1-100", "true");
      const ids = submitted.trim().split("\n");
      expect(new Set(ids).size).toBe(100);
      const listed = await flux(
        "jobs",
        "-a",
        "-n",
        "-o",
        "{id.f58} {status} {returncode} {ntasks}",
      );
      const lines = listed.trim().split("\n");
      expect(lines.sort()).toEqual(ids.map((id) => `${id} COMPLETED 0 1`).sort());
      expect(await flux("jobs", "-a", "-c", "3", "-n")).toMatch(/^( *ƒ\S+ .* CD .*\n){3}$/);
    });

    test("a job's output and exit code come through attach", async () => {
      const id = (await flux("submit", "-n2", "sh", "-c", "echo out; echo err >&2; exit 3")).trim();
      const attached = await run("job", "attach", "--label-io", id);
      expect(attached.status).toBe(3);
      expect(attached.stdout.split("\n").sort()).toEqual(["", "0: out", "1: out"]);
      expect(attached.stderr).toContain("0: err\n");
      expect(attached.stderr).toContain("task(s) exited with exit code 3");
    });

    test("run forwards standard input and signals", async () => {
      const echoed = await instance.run(commandOf(client), ["run", "cat"], "some\ninput\n");
      expect(echoed).toMatchObject({ status: 0, stdout: "some\ninput\n" });
      const id = (await flux("submit", "sleep", "600")).trim();
      await flux("job", "wait-event", "--timeout=30", id, "start");
      await flux("cancel", id);
      expect(await flux("job", "wait-event", "--timeout=30", id, "clean")).toContain("clean");
      expect(await flux("jobs", "-n", "-o", "{result}", id)).toBe("CANCELED\n");
    });

    test("job eventlogs, jobspec and R", async () => {
      const id = (await flux("submit", "--wait", "-N2", "true")).trim();
      const events = (await flux("job", "eventlog", id)).match(/(?<= )\w+(?= |$)/gm);
      expect(events).toEqual(
        expect.arrayContaining(["submit", "alloc", "start", "finish", "clean"]),
      );
      const shell = await flux("job", "eventlog", "--path=guest.exec.eventlog", id);
      expect(shell).toMatch(/ init.* shell\.init .* shell\.start .* done/s);
      expect(JSON.parse(await flux("job", "info", id, "jobspec")).tasks[0].command).toEqual([
        "true",
      ]);
      const R = JSON.parse(await flux("job", "info", id, "R"));
      expect(R.execution.R_lite[0].rank).toBe("0-1");
    });

    test("queues, urgency, memos, exceptions and purging", async () => {
      await flux("queue", "stop");
      const id = (await flux("submit", "--urgency=5", "true")).trim();
      await flux("job", "urgency", id, "20");
      await flux("job", "memo", id, "note=hello");
      const format = "{urgency} {priority} {annotations.user.note} {state}";
      await expect.poll(() => flux("jobs", "-n", "-o", format, id)).toBe("20 20 hello SCHED\n");
      await flux("job", "raise", "--severity=2", "--type=test", id, "just", "so");
      await flux("queue", "start");
      expect(await flux("job", "wait-event", "--timeout=30", id, "clean")).toContain("clean");
      expect(await flux("job", "eventlog", id)).toMatch(/exception type="test" severity=2/);
      expect(await flux("queue", "status")).toBe(
        "Job submission is enabled\nScheduling is started\n",
      );
      await flux("job", "purge", "--force", "--num-limit=0");
      await expect.poll(() => flux("jobs", "-a", "-n")).toBe("");
    });

    test("resources are listed, drained and undrained", async () => {
      const list = ["resource", "list", "-n", "-o", "{state} {nnodes} {ncores}"];
      const cores = (lines: string): number => Number(/^free \d+ (\d+)$/m.exec(lines)?.[1]);
      expect(await flux(...list)).toMatch(/^free 2 \d+\nallocated 0 0\ndown 0 0\n$/);
      const before = cores(await flux(...list));
      await flux("resource", "drain", "1", "broken", "fan");
      expect(await flux("resource", "drain", "-n", "-o", "{ranks} {reason}")).toBe(
        "1 broken fan\n",
      );
      await expect.poll(async () => cores(await flux(...list))).toBe(before / 2);
      await flux("resource", "undrain", "1");
      await expect.poll(async () => cores(await flux(...list))).toBe(before);
      expect(await flux("resource", "R")).toContain('"R_lite"');
    });

    test("modules are listed, loaded and removed", async () => {
      const names = (await flux("module", "list")).split("\n").map((line) => line.split(" ")[0]);
      expect(names).toEqual(expect.arrayContaining(["kvs", "job-manager", "sched-simple"]));
      await flux("module", "remove", "heartbeat");
      expect(await flux("module", "list")).not.toContain("heartbeat");
      await flux("module", "load", "heartbeat");
      expect(await flux("module", "list")).toContain("heartbeat");
      expect(JSON.parse(await flux("module", "stats", "job-list")).jobs).toBeDefined();
    });

    test("the log is read and written", async () => {
      await flux("logger", "--severity=warning", "something happened");
      expect(await flux("dmesg")).toMatch(/logger\.warning\[0\]: something happened\n/);
      await flux("dmesg", "-C");
      expect(await flux("dmesg")).toBe("");
    });

    test("attributes, events, programs on all ranks", async () => {
      expect(await flux("getattr", "size")).toBe("2\n");
      await flux("setattr", "test.attr", "x");
      expect(await flux("lsattr", "-v")).toMatch(/^test\.attr +x$/m);
      const heard = flux("event", "sub", "--count=1", "test");
      await expect
        .poll(async () => {
          await flux("event", "pub", "test.it", '{"a":1}');
          return Promise.race([heard, Promise.resolve("")]);
        })
        .toMatch(/test\.it\s+\{"a":1\}/);
      const ranks = await flux("exec", "-r", "all", "-l", "flux", "getattr", "rank");
      expect(ranks.split("\n").sort()).toEqual(["", "0: 0", "1: 1"]);
      expect(await flux("uptime")).toContain("size 2");
    });
  },
);
