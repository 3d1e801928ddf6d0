import { dir, dirref, symlink, type TreeObject, val, valref } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import { describe, expect, test } from "vitest";
import { Directory } from "./directory.ts";
import { Lookup, type LookupArgs, rootrefOf } from "./lookup.ts";

const { Readdir, Readlink, Treeobj } = KvsFlag;
const ref = (name: string) => `sha1-${name}`;
const text = (value: string) => val(Buffer.from(value));

/** A namespace with a bit of everything; what is asked for and not there is noted. */
function view(
  blobs: Record<string, Uint8Array> = { one: Buffer.from("1"), two: Buffer.from("2") },
) {
  const directories: Record<string, Directory | null> = {
    root: Directory.from(
      dir({
        d: dirref(ref("d")),
        l: symlink("d"),
        ll: symlink("l"),
        lv: symlink("d.v"),
        loop: symlink("loop"),
        all: symlink("."),
        far: symlink("x", "other"),
        farAll: symlink(".", "other"),
        theirs: symlink("x", "secret"),
        late: symlink("x", "late"),
        away: dirref(ref("away")),
        broken: dirref(ref("broken")),
        inline: dir({ x: text("in") }),
      }),
    ),
    d: Directory.from(
      dir({ v: text("value"), r: valref([ref("one"), ref("two")]), up: symlink("lv") }),
    ),
    other: Directory.from(dir({ x: text("far") })),
    broken: null,
  };
  const short = (name: string) => name.slice("sha1-".length);
  return {
    directory: (name: string) => directories[short(name)],
    bytes: (name: string) => blobs[short(name)],
    root: (namespace: string) => {
      if (namespace === "late") return undefined;
      if (namespace === "secret") throw new FluxError("EPERM");
      return { ref: ref(namespace === "primary" ? "root" : namespace), seq: 7 };
    },
    toBase64: (parts: readonly Uint8Array[]) => Buffer.concat(parts).toString("base64"),
  };
}

function look(key: string, flags = 0, args: Partial<LookupArgs> = { namespace: "primary" }) {
  return new Lookup({ key, flags, ...args }, view()).step();
}
function valueAt(key: string, flags = 0): TreeObject | undefined {
  const step = look(key, flags);
  if (step.do !== "answer") throw new Error(`expected an answer, not ${step.do}`);
  return step.value;
}

describe("what a key stands for", () => {
  test("is found through directories, stored or inline, and links", () => {
    expect(valueAt("d.v")).toEqual(text("value"));
    expect(valueAt("..d...v.")).toEqual(text("value"));
    for (const key of ["l.v", "ll.v", "lv", "d.up", "all.all.d.v"]) {
      expect(valueAt(key), key).toEqual(text("value"));
    }
    expect(valueAt("inline.x")).toEqual(text("in"));
  });

  test("may be in another namespace", () => {
    expect(valueAt("far")).toEqual(text("far"));
    expect(valueAt("farAll.x")).toEqual(text("far"));
    expect(() => look("theirs")).toThrow(/not permitted/);
    expect(look("late")).toEqual({ do: "find-namespace", namespace: "late" });
  });

  test("is nothing if a part is missing or is a value", () => {
    for (const key of ["x", "d.x", "x.y", "d.v.x", "l.x"])
      expect(valueAt(key), key).toBeUndefined();
  });

  test("is the whole value of a valref", () => {
    expect(valueAt("d.r")).toEqual(text("12"));
  });
});

describe("flags say what is wanted", () => {
  test.each([
    ["d", 0, "EISDIR"],
    ["d", Readlink, "EINVAL"],
    [".", 0, "EISDIR"],
    ["d.v", Readdir, "ENOTDIR"],
    ["d.r", Readdir, "ENOTDIR"],
    ["d.v", Readlink, "EINVAL"],
    ["l", Readlink | Readdir, "ENOTDIR"],
    ["loop", 0, "ELOOP"],
    ["broken.x", 0, "ENOTRECOVERABLE"],
  ])("%s with flags %i is %s", (key, flags, code) => {
    expect(() => look(key, flags)).toThrow(expect.objectContaining({ code }));
  });

  test("a directory is one level of entries", () => {
    expect(valueAt("d", Readdir)).toMatchObject({ type: "dir", data: { v: text("value") } });
    expect(valueAt(".", Readdir)).toMatchObject({ data: { d: dirref(ref("d")) } });
    expect(valueAt("l", Readdir)).toMatchObject({ data: { v: text("value") } });
  });

  test("a tree object is what the directory holds; the root's is a reference to it", () => {
    expect(valueAt("d", Treeobj)).toEqual(dirref(ref("d")));
    expect(valueAt("l", Treeobj)).toEqual(symlink("d"));
    expect(valueAt("d.r", Treeobj)).toEqual(valref([ref("one"), ref("two")]));
    expect(valueAt(".", Treeobj)).toEqual(dirref(ref("root")));
  });

  test("a link that is wanted is not followed, those on the way are", () => {
    expect(valueAt("l", Readlink)).toEqual(symlink("d"));
    expect(valueAt("ll.up", Readlink)).toEqual(symlink("lv"));
  });
});

describe("what is not at hand", () => {
  test("is named, all of a value at once", () => {
    const args = { key: "d.r", flags: 0, namespace: "primary" };
    const lookup = new Lookup(args, view({}));
    expect(lookup.step()).toEqual({ do: "load", refs: [ref("one"), ref("two")] });
    expect(look("away.x")).toEqual({ do: "load", refs: [ref("away")] });
  });

  test("does not change the version that is read", () => {
    let current = "root";
    const moving = { ...view(), root: () => ({ ref: ref(current), seq: 1 }) };
    const lookup = new Lookup({ key: "away.x", flags: 0, namespace: "primary" }, moving);
    lookup.step();
    current = "other";
    expect(lookup.step()).toEqual({ do: "load", refs: [ref("away")] });
    expect(lookup.root).toEqual({ ref: ref("root"), seq: 1 });
  });
});

describe("a lookup below a snapshot", () => {
  test("does not ask who owns the namespace", () => {
    const root = { ref: ref("other"), seq: -1 };
    expect(look("x", 0, { root })).toEqual({ do: "answer", value: text("far") });
  });

  test("of what is no directory is the asker's mistake", () => {
    const root = { ref: ref("broken"), seq: -1 };
    expect(() => look("x", 0, { root })).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });

  test("needs a dirref", () => {
    const blobref = `sha1-${"0".repeat(40)}`;
    expect(rootrefOf(dirref(blobref))).toBe(blobref);
    for (const wrong of [42, {}, text("x"), dirref("sha1-aaa")]) {
      expect(() => rootrefOf(wrong)).toThrow(expect.objectContaining({ code: "EINVAL" }));
    }
  });
});
