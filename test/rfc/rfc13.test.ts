import { type PmiCall, pmiAbortLine, pmiCalls } from "@flux-ts/protocol/pmi/client";
import { type PmiEffect, PmiServer } from "@flux-ts/protocol/pmi/server";
import { expect, test } from "vitest";

function server(size = 1, localSize = size): PmiServer {
  return new PmiServer({
    universeSize: size,
    localSize,
    kvsname: "-",
    preput: { PMI_process_mapping: `(vector,(0,1,${size}))` },
  });
}

/** The only line that rank 0 is answered with. */
function answer(pmi: PmiServer, line: string): string {
  const effects = pmi.onLine(0, line);
  expect(effects).toHaveLength(1);
  const [effect] = effects;
  return effect?.do === "respond" ? effect.line : JSON.stringify(effect);
}

function ask<T>(pmi: PmiServer, call: PmiCall<T>): T {
  return call.result(answer(pmi, call.line));
}

test("RFC 13 wire protocol: the requests are those of the grammar", () => {
  expect(pmiCalls.init().line).toBe("cmd=init pmi_version=1 pmi_subversion=1\n");
  expect(pmiCalls.maxes().line).toBe("cmd=get_maxes\n");
  expect(pmiCalls.universeSize().line).toBe("cmd=get_universe_size\n");
  expect(pmiCalls.appnum().line).toBe("cmd=get_appnum\n");
  expect(pmiCalls.kvsname().line).toBe("cmd=get_my_kvsname\n");
  expect(pmiCalls.put("kvs", "k", "a b").line).toBe("cmd=put kvsname=kvs key=k value=a b\n");
  expect(pmiCalls.get("kvs", "k").line).toBe("cmd=get kvsname=kvs key=k\n");
  expect(pmiCalls.barrier().line).toBe("cmd=barrier_in\n");
  expect(pmiCalls.finalize().line).toBe("cmd=finalize\n");
  expect(pmiAbortLine(3)).toBe("cmd=abort exitcode=3\n");
});

test("RFC 13 wire protocol: the responses are those of the grammar", () => {
  const pmi = server(2);
  expect(answer(pmi, "cmd=init pmi_version=1 pmi_subversion=1\n")).toBe(
    "cmd=response_to_init rc=0 pmi_version=1 pmi_subversion=1\n",
  );
  expect(answer(pmi, "cmd=get_maxes\n")).toBe(
    "cmd=maxes rc=0 kvsname_max=64 keylen_max=64 vallen_max=1024\n",
  );
  expect(answer(pmi, "cmd=get_universe_size\n")).toBe("cmd=universe_size rc=0 size=2\n");
  expect(answer(pmi, "cmd=get_appnum\n")).toBe("cmd=appnum rc=0 appnum=0\n");
  expect(answer(pmi, "cmd=get_my_kvsname\n")).toBe("cmd=my_kvsname rc=0 kvsname=-\n");
  expect(answer(pmi, "cmd=put kvsname=- key=a value=1\n")).toBe("cmd=put_result rc=0\n");
  expect(answer(pmi, "cmd=get kvsname=- key=a\n")).toBe("cmd=get_result rc=0 value=1\n");
});

test("RFC 13 wire protocol: tuples may be out of order, further apart, and more than expected", () => {
  const pmi = server();
  expect(answer(pmi, "key=b   x=y kvsname=-\tcmd=put value=2 3\n")).toBe("cmd=put_result rc=0\n");
  expect(answer(pmi, "key=b kvsname=- cmd=get\n")).toBe("cmd=get_result rc=0 value=2 3\n");
  expect(pmiCalls.get("-", "b").result("rc=0 cmd=get_result extra=1 value=2 3\n")).toBe("2 3");
});

test("RFC 13 version negotiation: 1.1 is spoken, older and PMI-2 clients are refused", () => {
  const pmi = server();
  expect(ask(pmi, pmiCalls.init())).toBeUndefined();
  const refused = "cmd=response_to_init rc=-1\n";
  expect(answer(pmi, "cmd=init pmi_version=1 pmi_subversion=0\n")).toBe(refused);
  expect(answer(pmi, "cmd=init pmi_version=2 pmi_subversion=0\n")).toBe(refused);
  expect(() => pmiCalls.init().result(refused)).toThrow("operation failed");
  expect(() =>
    pmiCalls.init().result("cmd=response_to_init rc=0 pmi_version=2 pmi_subversion=0\n"),
  ).toThrow("version 2.0 is not 1.1");
});

test("RFC 13 error handling: a key that does not exist is PMI_ERR_INVALID_KEY", () => {
  expect(answer(server(), "cmd=get kvsname=- key=nope\n")).toBe("cmd=get_result rc=4\n");
  expect(() => ask(server(), pmiCalls.get("-", "nope"))).toThrow("get nope: invalid key argument");
});

test("RFC 13 limits: names, keys and values hold one byte less than the maxima, for C's NUL", () => {
  const pmi = server();
  const put = (kvsname: string, key: string, value: string): string =>
    answer(pmi, pmiCalls.put(kvsname, key, value).line);
  const ok = "cmd=put_result rc=0\n";
  expect(put("n".repeat(63), "k".repeat(63), "v".repeat(1023))).toBe(ok);
  expect(put("n".repeat(64), "k", "v")).toBe("cmd=put_result rc=8\n");
  expect(put("n", "k".repeat(64), "v")).toBe("cmd=put_result rc=5\n");
  expect(put("n", "k", "v".repeat(1024))).toBe("cmd=put_result rc=7\n");
});

test("RFC 13 error handling: a protocol error is reported with the line", () => {
  const [effect] = server().onLine(0, "cmd=bogus\n");
  expect(effect).toMatchObject({ do: "violation", rank: 0 });
  expect((effect as { text: string }).text).toContain("cmd=bogus");
  expect(server().onLine(0, "cmd=put kvsname=- key=a\n")[0]?.do).toBe("violation");
  expect(server().onLine(0, "cmd=init pmi_version=x pmi_subversion=1\n")[0]?.do).toBe("violation");
});

test("RFC 13 PMI_Barrier: nobody leaves before everybody has entered", () => {
  const pmi = server(3);
  expect(pmi.onLine(0, "cmd=barrier_in\n")).toEqual([]);
  expect(pmi.onLine(2, "cmd=barrier_in\n")).toEqual([]);
  const line = "cmd=barrier_out rc=0\n";
  expect(pmi.onLine(1, "cmd=barrier_in\n")).toEqual(
    [0, 2, 1].map((rank) => ({ do: "respond", rank, line })),
  );
  expect(pmi.onLine(1, "cmd=barrier_in\n")).toEqual([]);
});

test("RFC 13 PMI_Barrier: what was put on one node is there on all after it", () => {
  const node0 = server(4, 2);
  const node1 = server(4, 2);
  node0.onLine(0, pmiCalls.put("-", "0", "zero").line);
  node0.onLine(0, pmiCalls.put("-", "local::x", "node only").line);
  node1.onLine(2, pmiCalls.put("-", "2", "two").line);
  node0.onLine(0, "cmd=barrier_in\n");
  const [exchange] = node0.onLine(1, "cmd=barrier_in\n");
  expect(exchange).toEqual({ do: "exchange", pairs: { 0: "zero" } });
  node1.onLine(2, "cmd=barrier_in\n");
  expect(node1.onLine(3, "cmd=barrier_in\n")).toEqual([{ do: "exchange", pairs: { 2: "two" } }]);
  const all = { pairs: { 0: "zero", 2: "two" } };
  expect(node0.onExchanged(all)).toHaveLength(2);
  expect(node1.onExchanged(all)).toHaveLength(2);
  expect(node0.valueOf("2")).toBe("two");
  expect(node1.valueOf("0")).toBe("zero");
  expect(node1.valueOf("local::x")).toBeUndefined();
});

test("RFC 13 PMI_Barrier: a failed exchange fails the barrier for all", () => {
  const pmi = server(2, 1);
  pmi.onLine(0, "cmd=barrier_in\n");
  expect(pmi.onExchanged({ failed: true })).toEqual([
    { do: "respond", rank: 0, line: "cmd=barrier_out rc=-1\n" },
  ]);
});

test("RFC 13 PMI_Finalize: acknowledged, then the connection is closed", () => {
  expect(server().onLine(0, "cmd=finalize\n")).toEqual([
    { do: "respond", rank: 0, line: "cmd=finalize_ack rc=0\n" },
    { do: "close", rank: 0 },
  ]);
});

test("RFC 13 PMI_Abort: the exit code of MPICH and the text of Flux are understood", () => {
  const aborted = (line: string): PmiEffect[] => server().onLine(0, line);
  expect(aborted(pmiAbortLine(7))).toEqual([
    { do: "abort", rank: 0, exitCode: 7, text: "aborted" },
  ]);
  expect(aborted("cmd=abort exit_code=2 error_msg=out of luck\n")).toEqual([
    { do: "abort", rank: 0, exitCode: 2, text: "out of luck" },
  ]);
  expect(aborted("cmd=abort\n")).toMatchObject([{ exitCode: 1 }]);
});

test("RFC 13 spawn operation: read to its end and refused, as the optional operations are", () => {
  const pmi = server();
  for (const line of [
    "mcmd=spawn",
    "nprocs=1",
    "execname=a.out",
    "arg1=cmd=get_maxes",
    "argcnt=1",
  ]) {
    expect(pmi.onLine(0, `${line}\n`)).toEqual([]);
  }
  expect(answer(pmi, "endcmd\n")).toBe("cmd=spawn_result rc=-1\n");
  expect(answer(pmi, "cmd=publish_name service=s port=p\n")).toContain("cmd=publish_result rc=-1");
  expect(answer(pmi, "cmd=unpublish_name service=s\n")).toContain("cmd=unpublish_result rc=-1");
  expect(answer(pmi, "cmd=lookup_name service=s\n")).toContain("cmd=lookup_result rc=-1");
});

test("RFC 13 local process group information: the mapping is in the KVS without being put", () => {
  expect(ask(server(2), pmiCalls.get("-", "PMI_process_mapping"))).toBe("(vector,(0,1,2))");
});

test("RFC 13 client: rc is optional, and an answer to something else is a protocol error", () => {
  expect(pmiCalls.appnum().result("cmd=appnum appnum=3\n")).toBe(3);
  expect(() => pmiCalls.appnum().result("cmd=maxes\n")).toThrow("expected appnum");
});
