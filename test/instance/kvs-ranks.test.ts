import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import { Kvs, KvsNamespaces } from "@flux-ts/client/kvs";
import { content } from "@flux-ts/protocol/services/content";
import { Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

describe.skipIf(notBuilt !== undefined)("the key-value store of four brokers", () => {
  let instance: Instance;
  let ranks: Flux[];
  beforeAll(async () => {
    instance = await Instance.start({ size: 4 });
    ranks = await Promise.all(
      [0, 1, 2, 3].map((rank) => connect(instance.uri.replace("local-0", `local-${rank}`))),
    );
  });
  afterAll(async () => {
    for (const flux of ranks ?? []) flux.close();
    await instance?.stop();
  });
  const on = (rank: number, namespace = "primary") => new Kvs(ranks[rank]!, namespace);

  test("whoever commits reads it on the same rank, others when they have waited for it", async () => {
    for (const writer of [3, 1, 0]) {
      const { rootseq } = await on(writer).put("a", `from ${writer}`);
      expect(await on(writer).getText("a")).toBe(`from ${writer}`);
      for (const reader of [0, 1, 2, 3]) {
        await on(reader).waitVersion(rootseq);
        expect(await on(reader).getText("a")).toBe(`from ${writer}`);
      }
    }
  });

  test("commits from all ranks at once are all there, and errors come back to their rank", async () => {
    const puts = [0, 1, 2, 3].flatMap((rank) =>
      Array.from({ length: 20 }, (_, i) => on(rank).put(`many.r${rank}.k${i}`, `${i}`)),
    );
    const bad = on(3).put(".", "x");
    await expect(bad).rejects.toMatchObject({ errnum: 22 });
    const seqs = (await Promise.all(puts)).map(({ rootseq }) => rootseq);
    await on(2).waitVersion(Math.max(...seqs));
    for (const rank of [0, 1, 2, 3]) {
      expect(Object.keys(await on(2).dir(`many.r${rank}`))).toHaveLength(20);
    }
  });

  test("a synchronous commit of a follower is a checkpoint when it is answered", async () => {
    const { rootref } = await on(3).put("lasting", "1", { sync: true });
    const { value } = await ranks[3]!.call(content.checkpointGet);
    expect(value.map((each) => each.rootref)).toContain(rootref);
  });

  test("namespaces are known where they are used, and gone everywhere when they are removed", async () => {
    await new KvsNamespaces(ranks[3]!).create("job-1");
    await on(3, "job-1").put("a", "1");
    expect(await on(1, "job-1").getText("a")).toBe("1");
    const waiting = on(2, "job-1").waitVersion(99);
    waiting.catch(() => {});
    await on(2, "job-1").getroot();
    await new KvsNamespaces(ranks[1]!).remove("job-1");
    await expect(waiting).rejects.toMatchObject({ errnum: 95 });
    await expect
      .poll(() =>
        on(3, "job-1")
          .getText("a")
          .catch((e) => e.errnum),
      )
      .toBe(95);
  });

  test("an eventlog is followed on one rank while another writes it", async () => {
    const names: string[] = [];
    const following = (async () => {
      for await (const piece of on(2).watchValues("log", { append: true, waitcreate: true })) {
        const lines = Buffer.from(piece).toString().trim().split("\n");
        names.push(...lines.map((line) => JSON.parse(line).name));
        if (names.length === 30) return;
      }
    })();
    for (let i = 0; i < 30; i++) await on(3).appendEvent("log", `e${i}`);
    await following;
    expect(names).toEqual(Array.from({ length: 30 }, (_, i) => `e${i}`));
  });

  test("a large value that one rank has stored is loaded through the others", async () => {
    const large = "0123456789".repeat(100_000);
    const { rootseq } = await on(3).put("large", large);
    await on(1).waitVersion(rootseq);
    for (const flux of ranks) await flux.call(content.dropcache);
    expect(await on(1).getText("large")).toBe(large);
  });
});
