import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fluxCoreCommand, noFluxCore } from "@flux-ts/testing/flux-core";
import { fluxCommand, Instance } from "@flux-ts/testing/instance";
import { describe, expect, test } from "vitest";

const directions: [string, string, string][] = [
  ["flux-core", fluxCoreCommand, fluxCommand],
  ["flux-ts", fluxCommand, fluxCoreCommand],
];

describe.skipIf(noFluxCore !== undefined).each(directions)(
  "a statedir that %s wrote",
  (_whose, writer, reader) => {
    const attributes =
      "{id.f58} {username} {name} {status} {returncode} {ntasks} {nnodes} {nodelist}";
    const listing = [
      "jobs",
      "-a",
      "-n",
      "-o",
      `${attributes} {t_submit} {t_inactive} {exception.type}`,
    ];

    test("opens in the other: keys, jobs, their output, drained ranks, queues", async () => {
      const statedir = mkdtempSync(join(tmpdir(), "flux-statedir-"));
      const started = (command: string): Promise<Instance> =>
        Instance.start({ command, args: [`-Sstatedir=${statedir}`] });
      try {
        await using before = await started(writer);
        const flux = (...args: string[]): Promise<string> => before.flux(args, fluxCoreCommand);
        await flux("kvs", "put", "deep.er.key=[1, 2.5]");
        await flux("kvs", "put", "--raw", `large=${"x".repeat(100_000)}`);
        await flux("kvs", "link", "deep.er", "short");
        await flux("submit", "--wait", "--cc=1-20", "sh", "-c", "echo job; exit 1").catch(() => "");
        const last = (await flux("submit", "--wait", "echo", "hello")).trim();
        // Else its shell would make the directory that the instance before had.
        const waiting = ["--urgency=hold", "--env-remove=TMPDIR", "true"];
        const held = (await flux("submit", ...waiting)).trim();
        await flux("queue", "stop", "--message=later");
        await flux("resource", "drain", "0", "broken");
        const listed = await flux(...listing);
        expect(listed.split("\n")).toHaveLength(23);
        await before.stop();

        await using after = await started(reader);
        const read = (...args: string[]): Promise<string> => after.flux(args, fluxCoreCommand);
        expect(await read("kvs", "get", "short.key")).toBe("[1, 2.5]\n");
        expect(await read("kvs", "get", "--raw", "large")).toBe("x".repeat(100_000));
        expect(await read(...listing)).toBe(listed);
        expect(await read("job", "attach", last)).toBe("hello\n");
        expect(await read("jobs", "-n", "-o", "{state} {urgency}", held)).toBe("SCHED 0\n");
        expect(await read("queue", "status")).toContain("Scheduling is stopped");
        expect(await read("resource", "drain", "-n", "-o", "{ranks} {reason}")).toBe("0 broken\n");
        // Ids go on from where they were, and what waited can run.
        await read("resource", "undrain", "0");
        await read("queue", "start");
        await read("job", "urgency", held, "default");
        expect(await read("job", "wait-event", "--timeout=30", held, "clean")).toContain("clean");
        const next = (await read("submit", "--wait", "true")).trim();
        const numbers = (await read("job", "id", "--to=dec", last, next)).trim().split("\n");
        expect(BigInt(numbers[1]!) > BigInt(numbers[0]!)).toBe(true);
        await after.stop();
      } finally {
        rmSync(statedir, { recursive: true, force: true });
      }
    });
  },
);
