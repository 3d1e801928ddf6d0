import { type CommandResult, runInProcess } from "@flux-ts/testing/run-command";
import { expect, test } from "vitest";
import R from "./R.ts";

function run(args: string, stdin = ""): Promise<CommandResult> {
  return runInProcess(R, args.split(" "), { stdin });
}

/** R objects made with `encode`, one after the other. */
async function encoded(...args: string[]): Promise<string> {
  const results = await Promise.all(args.map((each) => run(`encode ${each}`)));
  return results.map(({ out }) => out).join("");
}

async function short(args: string, stdin: string): Promise<string> {
  const { out, err, status } = await run(args, stdin);
  if (status !== 0) return err;
  return (await run("decode -s", out)).out;
}

test("encode makes R as it is asked to", async () => {
  const { out } = await run("encode -r 0-1 -c 0-3 -g 0 -H n[0-1] -p a:0 -p b");
  expect(out).toBe(
    '{"version": 1, "execution": {"R_lite": [{"rank": "0-1", "children": {"core": "0-3", ' +
      '"gpu": "0"}}], "starttime": 0.0, "expiration": 0.0, "nodelist": ["n[0-1]"], ' +
      '"properties": {"a": "0", "b": "0-1"}}}\n',
  );
});

test("hosts follow from ranks and ranks from hosts", async () => {
  expect((await run("decode -nr", await encoded("-r 3-4"))).out).toBe("test,test\n3-4\n");
  expect((await run("decode -nr", await encoded("-H a,b"))).out).toBe("a,b\n0-1\n");
  expect((await run("encode -r 0-1 -H a")).err).toBe(
    "flux-R: hostname count in 'a' does not match nranks (2)\n",
  );
});

test("decode tells what was asked, and selects", async () => {
  const R = await encoded("-r 0-3 -c 0-3 -g 0 -H n[0-3] -p a:0-1");
  expect((await run("decode -snr -c core", R)).out).toBe(
    "rank[0-3]/core[0-3],gpu0\nn[0-3]\n0-3\n16\n",
  );
  expect((await run("decode -s -p a", R)).out).toBe("rank[0-1]/core[0-3],gpu0\n");
  expect((await run("decode -r -i 0-2 -x 1", R)).out).toBe("0,2\n");
  expect((await run("decode -i x", R)).err).toBe(
    "flux-R: Invalid ranks option: 'x': Invalid argument\n",
  );
});

test("sets are joined, subtracted and intersected", async () => {
  const two = await encoded("-r 0-3 -c 0-3 -H n[0-3]", "-r 1-2 -c 0-1 -H n[1-2]");
  expect(await short("diff", two)).toBe("rank[0,3]/core[0-3] rank[1-2]/core[2-3]\n");
  expect(await short("intersect", two)).toBe("rank[1-2]/core[0-1]\n");
  expect(await short("append", two)).toBe(
    "flux-R: R objects 'rank[0-3]/core[0-3]' and 'rank[1-2]/core[0-1]' overlap\n",
  );
  expect(await short("append", await encoded("-r 0", "-r 1"))).toBe("rank[0-1]/core0\n");
});

test("ranks are renumbered, or follow the order of hosts", async () => {
  const R = await encoded("-r 3-5 -c 2-3 -H n[3-5]");
  expect(await short("remap", R)).toBe("rank[0-2]/core[0-1]\n");
  expect((await run("decode -n", (await run("rerank n5,n4,n3", R)).out)).out).toBe("n[5,4,3]\n");
  expect((await run("rerank n5", R)).err).toBe("flux-R: Too few hosts specified (expected 3)\n");
});

test("verify says what is missing", async () => {
  const wanted = await encoded("-r 0 -c 0-3 -H a", "-r 0 -c 0-1 -H a");
  const { status, err } = await run("verify", wanted);
  expect([status, err]).toEqual([1, "flux-R: rank 0 (a) missing resources: core[2-3]\n"]);
});

test("what is no R is refused", async () => {
  expect((await run("decode", "")).err).toBe(
    "flux-R: Failed to read an R object: '[' or '{' expected near end of file\n",
  );
  expect((await run("decode", "{}")).err).toBe(
    "flux-R: Failed to decode R on stdin: Object item not found: version\n",
  );
});
