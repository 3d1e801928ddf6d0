import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Subtree } from "@flux-ts/protocol/services/overlay";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { BrokerTree } from "./broker-tree.ts";
import { type Health, StatusLines, type StatusStyle } from "./status-lines.ts";

const node = (rank: number, ...children: Subtree[]): Subtree => ({
  rank,
  size: 1 + children.reduce((sum, { size }) => sum + size, 0),
  children,
});
const tree = new BrokerTree(
  node(0, node(1, node(3, node(5)), node(4)), node(2)),
  Hostlist.parse("a[0-5]"),
);
const style: StatusStyle = {
  verbose: 0,
  color: false,
  isPretty: true,
  withGhosts: true,
  highlight: new Idset(),
  show: "all",
};

/** `gone`: ranks that are lost; `silent`: ranks that do not answer. */
async function lines(change: Partial<StatusStyle>, gone: number[] = [], silent: number[] = []) {
  const statusOf = (rank: number): string =>
    gone.includes(rank)
      ? "lost"
      : tree.ranksFrom(rank).intersect(Idset.from(gone)).isEmpty
        ? "full"
        : "degraded";
  const ask = async (rank: number): Promise<Health> => {
    if (silent.includes(rank)) throw new FluxError("ETIMEDOUT");
    const children = tree.childrenOf(rank).map((child) => ({
      rank: child,
      status: statusOf(child),
      duration: 2,
      ...(gone.includes(child) && { error: "lost connection" }),
    }));
    return { rank, status: statusOf(rank), duration: 2, children };
  };
  let clock = 0;
  const all = new StatusLines(tree, { ...style, ...change }, ask, () => clock++);
  const shown: string[] = [];
  for await (const line of all.of(0)) shown.push(line);
  return shown.join("\n");
}

test("the tree has a line for each broker", async () => {
  expect(await lines({})).toBe(
    [
      "0 a0: full",
      "├─ 1 a1: full",
      "│  ├─ 3 a3: full",
      "│  │  └─ 5 a5: full",
      "│  └─ 4 a4: full",
      "└─ 2 a2: full",
    ].join("\n"),
  );
});

test("without a tree, names begin the lines", async () => {
  expect(await lines({ isPretty: false })).toContain("\n5 a5: full\n");
});

test("brokers below a lost one are ghosts", async () => {
  const ghosts = "│  ├─ 3 a3: lost lost connection\n│  │  └─ 5 a5: lost\n";
  expect(await lines({}, [3])).toContain(ghosts);
  expect(await lines({ withGhosts: false }, [3])).not.toContain("a5");
});

test("down shows only what leads to trouble", async () => {
  expect(await lines({ show: "down" }, [3])).toBe(
    [
      "0 a0: degraded",
      "├─ 1 a1: degraded",
      "│  ├─ 3 a3: lost lost connection",
      "│  │  └─ 5 a5: lost",
    ].join("\n"),
  );
  expect(await lines({ show: "down" })).toBe("");
});

test("a summary is the status of the root alone", async () => {
  expect(await lines({ show: "summary" }, [3])).toBe("degraded");
});

test("brokers that do not answer say why, and have ghosts", async () => {
  expect(await lines({}, [], [3])).toContain("├─ 3 a3: Connection timed out\n│  │  └─ 5 a5: full");
});

test("verbosity tells times, and asks leaves, too", async () => {
  expect(await lines({ verbose: 1 })).toContain("2 a2: full for 2s");
  expect(await lines({ verbose: 2 })).toContain("2 a2: full for 2s (1.000 ms)");
});

test("a rank is highlighted with those above it", async () => {
  const marked = await lines({ highlight: Idset.of(4) });
  expect(marked.match(/<<.*?>>/g)).toEqual(["<<0 a0>>", "<<1 a1>>", "<<4 a4>>"]);
});

test("colours tell lost brokers from ghosts", async () => {
  const painted = await lines({ color: true }, [3]);
  expect(painted).toContain("3 a3: \x1b[31mlost\x1b[39m lost connection");
  expect(painted).toContain("5 a5: \x1b[90mlost\x1b[39m");
});
