import { testBroker } from "@flux-ts/testing/broker";
import { runInProcess } from "@flux-ts/testing/run-command";
import { expect, test } from "vitest";
import hostlist from "./hostlist.ts";

async function run(args: string, stdin = ""): Promise<string> {
  const { out, err } = await runInProcess(hostlist, args.split(" "), { stdin });
  return (out || err).trimEnd();
}

test("lists are joined, intersected, subtracted", async () => {
  expect(await run("a b c[0-3]")).toBe("a,b,c[0-3]");
  expect(await run("-i a[0-5] a[3-9]")).toBe("a[3-5]");
  expect(await run("-m a,a,b,c a")).toBe("a,b,c");
  expect(await run("-X a[0-5] a[3-9]")).toBe("a[0-2,6-9]");
});

test("hosts are excluded by name, or else by index", async () => {
  expect(await run("-x c1 c[0-3] c1")).toBe("c[0,2-3]");
  expect(await run("-x 0-1 c[0-3]")).toBe("c[2-3]");
  expect(await run("-x zz c[0-3]")).toBe("c[0-3]");
});

test("hosts are chosen by index, from either end", async () => {
  expect(await run("-n 1-2 c[0-3]")).toBe("c[1-2]");
  expect(await run("--nth=-1-2 c[0-3]")).toBe("c[2-3]");
  expect(await run("-n 9 c[0-3]")).toBe("flux-hostlist: ERROR: Hostlist index out of range");
  expect(await run("--limit=-2 c[0-3]")).toBe("c[2-3]");
});

test("the result is shown as asked", async () => {
  expect(await run("-e -d \\n b[0-1]")).toBe("b0\nb1");
  expect(await run("-c b[0-1] b0")).toBe("3");
  expect(await run("-F c[1,3] c[0-3]")).toBe("1 3");
  expect(await run("-Su b a c c a")).toBe("a,b,c");
});

test("hosts are read from standard input", async () => {
  expect(await run("-e stdin", "a,b\nc[0-1]\n")).toBe("a b c0 c1");
  expect(await run("stdin", "a[")).toBe("flux-hostlist: ERROR: Invalid hostlist: 'a['");
});

test("with --quiet, only the status says whether there are hosts", async () => {
  expect(await runInProcess(hostlist, ["-q", "-i", "a", "b"])).toEqual({
    status: 1,
    out: "",
    err: "",
  });
});

test("options that exclude each other are refused", async () => {
  const { status, err } = await runInProcess(hostlist, ["-i", "-m", "a"]);
  expect(status).toBe(2);
  expect(err).toContain("argument -m/--minus: not allowed with argument -i/--intersect");
});

test("the instance knows its hosts", async () => {
  await using broker = await testBroker({ attrs: { hostlist: "n[0-3]" } });
  const { out } = await runInProcess(hostlist, ["instance"], { connect: () => broker.connect() });
  expect(out).toBe("n[0-3]\n");
});
