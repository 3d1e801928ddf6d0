import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { Follower } from "./follower.ts";
import { Namespaces } from "./namespaces.ts";

const owner = { userid: 1, rolemask: 1 };
const rootOf = (seq: number) => ({ ref: `sha1-${seq}`, seq });
const init = (name: string, seq: number) => ({ name, owner: 1, flags: 0, ...rootOf(seq) });

function follower() {
  const namespaces = new Namespaces<string>({ isLeader: false, makeQueue: () => undefined });
  return { namespaces, follower: new Follower(namespaces) };
}

function setroot(name: string, seq: number, names: string[] = []): [string, () => JsonObject] {
  const { ref } = rootOf(seq);
  const event = { namespace: name, rootseq: seq, rootref: ref, names, keys: {}, owner: 1 };
  return [`kvs.namespace-${name}-setroot`, () => event];
}

test("a namespace that nobody uses here is asked for; a follower keeps no news of others", () => {
  const { namespaces, follower: each } = follower();
  expect(namespaces.visible("n", owner, 0)).toBeUndefined();
  const unread = () => {
    throw new Error("the payload was read");
  };
  expect(each.event("kvs.namespace-n-setroot", unread, 0)).toEqual([]);
});

test("a new root answers the commits that it names and those who wait for its version", () => {
  const { namespaces, follower: each } = follower();
  each.finding("n");
  each.found("n", init("n", 1), 0);
  const { root } = namespaces.get("n")!;
  root.addCommit("transaction_req.3.0", "commit");
  root.addCommit("transaction_req.3.1", "other");
  root.waitVersion(2, "version");
  const names = ["transaction_req.0.9", "transaction_req.3.0"];
  const version = { rootseq: 2, rootref: "sha1-2" };
  expect(each.event(...setroot("n", 2, names), 0)).toEqual([
    { do: "answer", waiters: ["commit"], version },
    { do: "answer", waiters: ["version"], version },
  ]);
  expect(root.commitCount).toBe(1);
});

test("a root that is not newer is not taken", () => {
  const { namespaces, follower: each } = follower();
  each.found("n", init("n", 5), 0);
  each.event(...setroot("n", 4), 0);
  expect(namespaces.get("n")!.root.seq).toBe(5);
});

test("events that overtake the answer about a namespace are applied after it", () => {
  const { namespaces, follower: each } = follower();
  each.finding("n");
  each.event(...setroot("n", 2), 0);
  each.event(...setroot("n", 3), 0);
  each.found("n", init("n", 1), 0);
  expect(namespaces.get("n")!.root.seq).toBe(3);
  each.finding("gone");
  each.event("kvs.namespace-gone-removed", () => ({ namespace: "gone" }), 0);
  each.found("gone", init("gone", 1), 0);
  expect(namespaces.get("gone")).toBeUndefined();
});

test("a commit that rank 0 refuses fails here", () => {
  const { namespaces, follower: each } = follower();
  each.found("n", init("n", 1), 0);
  namespaces.get("n")!.root.addCommit("transaction_req.3.0", "commit");
  const error = { namespace: "n", names: ["transaction_req.3.0"], errnum: 22 };
  expect(each.event("kvs.namespace-n-error", () => error, 0)).toEqual([
    { do: "fail", waiters: ["commit"], errnum: 22 },
  ]);
});

test("whoever waits for a namespace that is removed is told ENOTSUP", () => {
  const { namespaces, follower: each } = follower();
  each.found("n-1", init("n-1", 1), 0);
  const { root } = namespaces.get("n-1")!;
  root.addCommit("transaction_req.3.0", "commit");
  root.waitVersion(9, "version");
  expect(each.event("kvs.namespace-n-1-removed", () => ({ namespace: "n-1" }), 0)).toEqual([
    { do: "fail", waiters: ["version", "commit"], errnum: 95 },
  ]);
});

test("roots are held back while following is paused", () => {
  const { namespaces, follower: each } = follower();
  each.found("n", init("n", 1), 0);
  const { root } = namespaces.get("n")!;
  root.pause();
  expect(each.event(...setroot("n", 2), 0)).toEqual([]);
  expect(root.seq).toBe(1);
  expect(root.unpause().map(({ rootseq }) => rootseq)).toEqual([2]);
});

test("a namespace that was not used for an hour is forgotten, unless somebody waits", () => {
  const { namespaces, follower: each } = follower();
  for (const name of ["primary", "idle", "waited"]) each.found(name, init(name, 1), 0);
  namespaces.get("waited")!.root.waitVersion(2, "version");
  namespaces.expire(3601);
  expect([...namespaces].map(({ root }) => root.name)).toEqual(["primary", "waited"]);
});
