import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "@flux-ts/client/connect";
import { Kvs } from "@flux-ts/client/kvs";
import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { expect, test } from "vitest";

const rounds = 3;
/** Commits out at a time. */
const lanes = 8;

const start = (statedir: string): Promise<Instance> =>
  Instance.start({ args: [`--setattr=statedir=${statedir}`] });

/** Commit synchronously until the leader is gone; it is killed after `killAfter` acknowledgements. */
async function commitUntilKilled(uri: string, round: number, killAfter: number): Promise<string[]> {
  const flux = await connect(uri);
  const pid = Number(await flux.attr("broker.pid"));
  const kvs = new Kvs(flux, "primary");
  const acknowledged: string[] = [];
  const lane = async (number: number): Promise<void> => {
    for (let i = 0; ; i++) {
      const key = `round${round}.lane${number}.k${i}`;
      await kvs.put(key, key.repeat(1 + (i % 20)), { sync: true });
      acknowledged.push(key);
      if (acknowledged.length === killAfter) process.kill(pid, "SIGKILL");
    }
  };
  await Promise.allSettled(Array.from({ length: lanes }, (_, number) => lane(number)));
  return acknowledged;
}

test.skipIf(notBuilt !== undefined)(
  `no synchronous commit that was acknowledged is lost with the leader, ${rounds} rounds`,
  async () => {
    const statedir = mkdtempSync(join(tmpdir(), "flux-kill-"));
    const all: string[] = [];
    for (let round = 0; round < rounds; round++) {
      const doomed = await start(statedir);
      const killAfter = 1 + Math.floor(Math.random() * 200);
      all.push(...(await commitUntilKilled(doomed.uri, round, killAfter)));
      // It does not end well, which is what was wanted.
      await doomed.stop().catch(() => {});
    }
    await using instance = await start(statedir);
    const flux = await connect(instance.uri);
    const kvs = new Kvs(flux, "primary");
    for (const key of all) {
      const i = Number(key.slice(key.lastIndexOf("k") + 1));
      expect(await kvs.getText(key)).toBe(key.repeat(1 + (i % 20)));
    }
    const missing = await instance.run(fluxCommand, ["kvs", "get", "round0.nothing"]);
    expect(missing.status).toBe(1);
    flux.close();
    rmSync(statedir, { recursive: true });
  },
);
