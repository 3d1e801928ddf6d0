import { createHash } from "node:crypto";
import {
  type Dir,
  dir,
  dirref,
  symlink,
  type TreeObject,
  val,
  valref,
} from "@flux-ts/protocol/kvs/treeobj";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BlobCodec } from "./blob-codec.ts";
import { Directory } from "./directory.ts";
import { WorkTree } from "./work-tree.ts";

const codec = new BlobCodec("sha1", (bytes) => createHash("sha1").update(bytes).digest("hex"));
const text = (value: string) => val(Buffer.from(value));
const put = (key: string, dirent: TreeObject | null) => ({ key, isAppend: false, dirent });
const append = (key: string, value: string) => ({ key, isAppend: true, dirent: text(value) });

/** A content store that trees are read from and written to. */
class Store {
  readonly blobs = new Map<string, Uint8Array>();
  readonly directories = new Map<string, Directory>();
  rootref: string;

  constructor() {
    const bytes = Directory.empty.encode(codec.encode);
    this.rootref = codec.refOf(bytes);
    this.directories.set(this.rootref, Directory.empty);
  }

  tree(): WorkTree {
    const { refOf, encode, decode } = codec;
    const directory = (ref: string) =>
      this.blobs.has(ref) && !this.directories.has(ref) ? null : this.directories.get(ref);
    return new WorkTree({ directory, refOf, encode, decode }, "primary", this.rootref);
  }

  commit(...operations: ReturnType<typeof put>[]): string {
    const tree = this.tree();
    tree.apply(operations);
    return this.finish(tree);
  }

  finish(tree: WorkTree): string {
    const { rootref, blobs } = tree.finish();
    for (const [ref, bytes] of blobs.bytes) this.blobs.set(ref, bytes);
    for (const [ref, each] of blobs.directories) this.directories.set(ref, each);
    this.rootref = rootref;
    return rootref;
  }

  /** Everything there is, with directories resolved and blobs as text. */
  get plain(): unknown {
    return this.#plain(dirref(this.rootref));
  }

  #plain(object: TreeObject): unknown {
    switch (object.type) {
      case "dirref":
        return this.#plain(this.directories.get(object.data[0]!)!.object);
      case "dir":
        return Object.fromEntries(
          Object.entries((object as Dir).data).map(([name, each]) => [name, this.#plain(each)]),
        );
      case "val":
        return Buffer.from(object.data, "base64").toString();
      case "valref":
        return object.data.map((ref) => Buffer.from(this.blobs.get(ref)!).toString()).join("|");
      case "symlink":
        return `-> ${object.data.target}`;
    }
  }
}

describe("operations", () => {
  test("make the directories that they need, in place of values if need be", () => {
    const store = new Store();
    store.commit(put("a.b.c", text("1")), put("x", text("2")));
    store.commit(put("x.y", text("3")));
    expect(store.plain).toEqual({ a: { b: { c: "1" } }, x: { y: "3" } });
  });

  test("apply in order, and later ones see the earlier", () => {
    const store = new Store();
    store.commit(put("a.b", text("1")), put("a", null), put("a.c", text("2")));
    expect(store.plain).toEqual({ a: { c: "2" } });
  });

  test("that unlink what is not there change nothing, not even the root", () => {
    const store = new Store();
    const before = store.commit(put("a.b", text("1")));
    expect(store.commit(put("a.x", null), put("y.z", null), put("a.b.c", null))).toBe(before);
  });

  test("go through links of the namespace, and not into others or round in circles", () => {
    const store = new Store();
    store.commit(put("a.b", text("1")), put("l", symlink("a")), put("f", symlink("a", "other")));
    store.commit(put("l.c", text("2")), put("self", symlink("a", "primary")));
    store.commit(put("self.d", text("3")), put("loop", symlink("loop")));
    expect(store.plain).toMatchObject({ a: { b: "1", c: "2", d: "3" } });
    expect(() => store.commit(put("f.x", text("1")))).toThrow(/link into other/);
    expect(() => store.commit(put("loop.x", text("1")))).toThrow(/symbolic links/);
  });

  test("put whole directories, whose large values get blobs", () => {
    const store = new Store();
    const large = "x".repeat(100);
    store.commit(put("d", dir({ e: dir({ f: text(large) }), g: text("1") })));
    store.commit(put("d.e.h", text("2")));
    expect(store.plain).toEqual({ d: { e: { f: large, h: "2" }, g: "1" } });
  });

  test("append to nothing, to a val and to a valref, and to nothing else", () => {
    const store = new Store();
    store.commit(append("log", "a"));
    expect(store.plain).toEqual({ log: "a" });
    store.commit(append("log", "b"), append("log", "c"));
    expect(store.plain).toEqual({ log: "a|b|c" });
    store.commit(put("d.e", text("1")), put("l", symlink("log")));
    expect(() => store.commit(append("d", "x"))).toThrow(/directory/);
    expect(() => store.commit(append("l", "x"))).toThrow(/not supported/);
    const notVal = { key: "log", isAppend: true, dirent: dir() };
    expect(() => store.commit(notVal)).toThrow(/only a val/);
  });

  test("refuse the root, keys without end, and large values that are not base64", () => {
    const store = new Store();
    expect(() => store.commit(put(".", text("1")))).toThrow(/root/);
    expect(() => store.commit(put("a.".repeat(5000), text("1")))).toThrow(/too many parts/);
    const broken = { ver: 1, type: "val", data: "?".repeat(80) } as const;
    expect(() => store.commit(put("a", broken))).toThrow(/base64/);
  });

  test("put back what was there in place of what an earlier one has put", () => {
    const store = new Store();
    store.commit(put("a.b", text("old")));
    const old = store.directories.get(store.rootref)!.get("a")!;
    store.commit(put("a.b", text("new")));
    store.commit(put("a", old), put("a.nothing", null));
    expect(store.plain).toEqual({ a: { b: "old" } });
  });
});

test("a transaction that fails leaves no trace, whatever the others do", () => {
  const key = fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 4 });
  const operation = fc.record({
    key: key.map((names) => names.join(".")),
    isAppend: fc.boolean(),
    dirent: fc.constantFrom(null, text("1"), text("x".repeat(60)), symlink("a.b"), dir()),
  });
  const transactions = fc.array(fc.array(operation, { maxLength: 5 }), { maxLength: 8 });
  fc.assert(
    fc.property(transactions, (all) => {
      const together = new Store();
      const alone = new Store();
      const tree = together.tree();
      for (const operations of all) {
        let failedTogether = false;
        try {
          tree.apply(operations);
        } catch {
          failedTogether = true;
        }
        let failedAlone = false;
        try {
          alone.commit(...operations);
        } catch {
          failedAlone = true;
        }
        expect(failedTogether).toBe(failedAlone);
      }
      together.finish(tree);
      expect(together.plain).toEqual(alone.plain);
    }),
  );
});

test("directories that are not at hand are named, and nothing is made of them", () => {
  const store = new Store();
  store.commit(put("a.b", text("1")), put("c.d", text("2")));
  const root = store.directories.get(store.rootref)!;
  const missing = ["a", "c"].map((name) => (root.get(name) as { data: string[] }).data[0]!);
  for (const ref of missing) {
    store.directories.delete(ref);
    store.blobs.delete(ref);
  }
  const tree = store.tree();
  tree.apply([put("a.x", text("1")), put("c.x", text("1"))]);
  expect([...tree.missing].sort()).toEqual(missing.sort());
});

test("a reference to what is no directory cannot be gone through", () => {
  const store = new Store();
  store.commit(put("v", text("x".repeat(100))));
  const [ref] = (store.directories.get(store.rootref)!.get("v") as { data: string[] }).data;
  store.commit(put("d", dirref(ref!)), put("two", valref([ref!, ref!])));
  expect(() => store.commit(put("d.x", text("1")))).toThrow(/is not a directory/);
});

test("many changes to one directory make one blob of it", () => {
  const store = new Store();
  const tree = store.tree();
  for (let i = 0; i < 100; i++) tree.apply([put(`dir.k${i}`, text(`${i}`))]);
  const { blobs } = tree.finish();
  expect(blobs.bytes.size).toBe(2);
});
