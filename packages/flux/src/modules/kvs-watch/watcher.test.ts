import { dir, dirref, type TreeObject, val, valref } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import { expect, test } from "vitest";
import { type WatchEffect, Watcher } from "./watcher.ts";

const { Watch, Waitcreate, WatchFull, WatchUniq, WatchAppend, Stream, WatchInitialSentinel } =
  KvsFlag;
const ref = (digit: number) => `sha1-${String(digit).repeat(40)}`;
const text = (value: string) => val(new TextEncoder().encode(value));
const watcher = (flags: number) => new Watcher({ namespace: "primary", key: "a", flags });
const root = (seq: number) => ({ ref: ref(seq), seq });

/** Let a watcher see a version in which the key has this value. Returns what came of the lookup. */
function see(watched: Watcher, seq: number, value: TreeObject | undefined): WatchEffect[] {
  const [effect] = watched.rootChanged(root(seq));
  if (effect?.do !== "lookup") throw new Error("no lookup");
  return watched.lookedUp(effect.id, { value, seq });
}

/** Effects in short: what a client would see, and the blobs asked for. */
const brief = (effects: readonly WatchEffect[]) =>
  effects.map((effect) => {
    switch (effect.do) {
      case "respond":
        return Buffer.from(String(effect.value.data), "base64").toString();
      case "end":
        return effect.error.code;
      case "load":
        return effect.ref;
      default:
        return effect.do;
    }
  });

test("the first lookup is by namespace, later ones are in the version that was published", () => {
  const watched = watcher(Watch);
  const key = { key: "a", flags: Watch };
  expect(watched.rootChanged(root(1))).toEqual([
    { do: "lookup", id: 0, request: { ...key, namespace: "primary" } },
  ]);
  expect(watched.rootChanged(root(2))).toEqual([
    { do: "lookup", id: 1, request: { ...key, rootdir: dirref(ref(2)), rootseq: 2 } },
  ]);
  expect(watched.rootChanged(root(2))).toEqual([]);
});

test("responses are in the order of versions, whatever order the lookups end in", () => {
  const watched = watcher(Watch);
  for (const seq of [1, 2, 3]) watched.rootChanged(root(seq));
  expect(watched.lookedUp(2, { value: text("3"), seq: 3 })).toEqual([]);
  expect(watched.lookedUp(1, { value: text("2"), seq: 2 })).toEqual([]);
  expect(brief(watched.lookedUp(0, { value: text("1"), seq: 1 }))).toEqual(["1", "2", "3"]);
});

test("versions that the first lookup has seen already are no news", () => {
  const watched = watcher(Watch);
  for (const seq of [1, 2]) watched.rootChanged(root(seq));
  expect(brief(watched.lookedUp(0, { value: text("2"), seq: 2 }))).toEqual(["2"]);
  expect(watched.lookedUp(1, { value: text("2"), seq: 2 })).toEqual([]);
});

test("the same value is repeated, unless the client wants changes only", () => {
  for (const [flags, expected] of [
    [Watch, ["x"]],
    [Watch | WatchUniq, []],
    [Watch | WatchFull, []],
  ] as const) {
    const watched = watcher(flags);
    see(watched, 1, text("x"));
    expect(brief(see(watched, 2, text("x")))).toEqual(expected);
    expect(brief(see(watched, 3, text("y")))).toEqual(["y"]);
  }
});

test("a missing key is ENOENT, at first and later; with Waitcreate it is waited for", () => {
  expect(brief(see(watcher(Watch), 1, undefined))).toEqual(["ENOENT"]);
  const watched = watcher(Watch | Waitcreate);
  expect(see(watched, 1, undefined)).toEqual([]);
  expect(see(watched, 2, undefined)).toEqual([]);
  expect(brief(see(watched, 3, text("x")))).toEqual(["x"]);
  expect(brief(see(watched, 4, undefined))).toEqual(["ENOENT"]);
  expect(watched.isEnded).toBe(true);
});

test("Waitcreate alone ends with the first value", () => {
  const watched = watcher(Waitcreate);
  see(watched, 1, undefined);
  expect(brief(see(watched, 2, text("x")))).toEqual(["x"]);
  expect(watched.isEnded).toBe(true);
  expect(watched.rootChanged(root(3))).toEqual([]);
});

test("WatchAppend gives one response a blob, in order", () => {
  const watched = watcher(Watch | WatchAppend);
  expect(brief(see(watched, 1, valref([ref(1), ref(2)])))).toEqual([ref(1), ref(2)]);
  const second = see(watched, 2, valref([ref(1), ref(2), ref(3)]));
  expect(brief(second)).toEqual([ref(3)]);
  const load = second[0] as { id: number };
  expect(watched.loaded(load.id, new Uint8Array([0x63]))).toEqual([]);
  expect(brief(watched.loaded(load.id - 2, new Uint8Array([0x62])))).toEqual([]);
  expect(brief(watched.loaded(load.id - 3, new Uint8Array([0x61])))).toEqual(["a", "b", "c"]);
});

test("WatchAppend may begin with a val, which the next append makes a valref", () => {
  const watched = watcher(Watch | WatchAppend);
  expect(brief(see(watched, 1, text("one")))).toEqual(["one"]);
  expect(brief(see(watched, 2, valref([ref(1), ref(2)])))).toEqual([ref(2)]);
});

test("WatchAppend ends when the value is shortened, replaced or no value", () => {
  const grown = () => {
    const watched = watcher(Watch | WatchAppend);
    see(watched, 1, valref([ref(1), ref(2)]));
    return watched;
  };
  expect(brief(see(grown(), 2, valref([ref(1)])))).toEqual(["EINVAL"]);
  expect(brief(see(grown(), 2, text("x")))).toEqual(["EINVAL"]);
  expect(brief(see(watcher(Watch | WatchAppend), 1, dir()))).toEqual(["EISDIR"]);
});

test("the sentinel follows the last of the blobs that were there at first", () => {
  const watched = watcher(Watch | WatchAppend | WatchInitialSentinel);
  const loads = see(watched, 1, valref([ref(1), ref(2)])) as { id: number }[];
  expect(brief(watched.loaded(loads[0]!.id, new Uint8Array([0x61])))).toEqual(["a"]);
  expect(brief(watched.loaded(loads[1]!.id, new Uint8Array([0x62])))).toEqual(["b", "sentinel"]);
  const more = see(watched, 2, valref([ref(1), ref(2), ref(3)])) as { id: number }[];
  expect(brief(watched.loaded(more[0]!.id, new Uint8Array([0x63])))).toEqual(["c"]);
});

test("with Waitcreate the sentinel of a missing key comes at once", () => {
  const watched = watcher(Watch | WatchAppend | WatchInitialSentinel | Waitcreate);
  expect(brief(see(watched, 1, undefined))).toEqual(["sentinel"]);
  expect(brief(see(watched, 2, text("x")))).toEqual(["x"]);
});

test("Stream ends after what is there, and does not care for what comes", () => {
  expect(brief(see(watcher(Stream), 1, text("x")))).toEqual(["x", "ENODATA"]);
  const watched = watcher(Stream);
  const loads = see(watched, 1, valref([ref(1), ref(2)])) as { id: number }[];
  expect(see(watched, 2, text("overwritten"))).toEqual([]);
  watched.loaded(loads[0]!.id, new Uint8Array([0x61]));
  expect(brief(watched.loaded(loads[1]!.id, new Uint8Array([0x62])))).toEqual(["b", "ENODATA"]);
});

test("an error of a lookup or a load ends the watch, once", () => {
  const watched = watcher(Watch);
  const [lookup] = watched.rootChanged(root(1)) as { id: number }[];
  expect(brief(watched.lookedUp(lookup!.id, new FluxError("EPERM")))).toEqual(["EPERM"]);
  expect(watched.end(new FluxError("ENODATA"))).toEqual([]);
});
