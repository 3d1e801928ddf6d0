// What was acknowledged survives kill -9 of the leader. ROUNDS sets how often (20 before a release).

import { submitJobspec } from "@flux-ts/client/job";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { resource } from "@flux-ts/protocol/services/resource";
import { notBuilt } from "@flux-ts/testing/instance";
import { Random } from "@flux-ts/testing/mutate";
import { describe, expect, test } from "vitest";
import { Leader } from "./leader.ts";

const rounds = Number(process.env.ROUNDS ?? 2);
const submits = Number(process.env.SUBMITS ?? 1000);
const random = new Random(Number(process.env.SEED ?? 20261122));
const jobspec = fromCommand(["true"], { cwd: "/", environment: { PATH: "/usr/bin:/bin" } });
/** Held: the jobs stay what they are, so that nothing but their submission is at stake. */
const hold = { urgency: 0 };

describe.skipIf(notBuilt)("kill -9 of the leader", () => {
  test.each(Array.from({ length: rounds }, (_, round) => round + 1))(
    "round %i: no acknowledged submit is missing after the restart",
    async () => {
      await using leader = new Leader();
      const flux = await leader.start();
      const acknowledged: JobId[] = [];
      const killAfter = 1 + random.below(submits);
      const enough = new Promise<void>((resolve) => {
        for (let i = 0; i < submits; i++) {
          submitJobspec(flux, jobspec, hold).then(
            (id) => {
              if (acknowledged.push(id) === killAfter) resolve();
            },
            // Those in flight when it dies are not acknowledged.
            () => {},
          );
        }
      });
      await enough;
      await leader.kill();
      await flux.closed;
      const again = await leader.start();
      const { jobs } = await again.call(jobList.list, { max_entries: 0, attrs: ["state"] });
      const found = new Set((jobs as { id: number | bigint }[]).map(({ id }) => BigInt(id)));
      expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
      expect(acknowledged.length).toBeGreaterThanOrEqual(killAfter);
      again.close();
    },
    120_000,
  );

  test("drained nodes and stopped queues are so after the restart", async () => {
    await using leader = new Leader();
    const flux = await leader.start();
    await flux.call(resource.drain, { targets: "0", reason: "broken fan" });
    await flux.call(jobManager.queueStart, { start: false, all: false, reason: "maintenance" });
    await flux.call(jobManager.queueEnable, { enable: false, all: false, reason: "holidays" });
    await leader.kill();
    const again = await leader.start();
    const { drain } = await again.call(resource.status);
    expect(drain).toMatchObject({ "0": { reason: "broken fan" } });
    expect(await again.call(jobManager.queueStatus, {})).toMatchObject({
      enable: false,
      disable_reason: "holidays",
      start: false,
      stop_reason: "maintenance",
    });
    again.close();
  }, 120_000);
});
