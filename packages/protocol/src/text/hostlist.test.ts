import fc from "fast-check";
import { expect, test } from "vitest";
import { Hostlist } from "./hostlist.ts";

const name = fc.oneof(
  fc
    .tuple(fc.constantFrom("foo", "a", "foo1", "b-", ""), fc.nat(120), fc.nat(3))
    .map(([prefix, number, width]) => prefix + String(number).padStart(width, "0")),
  fc.constantFrom("login", "foo", "node1-ib", "foo12345678901234567"),
);
const names = fc.array(name, { maxLength: 30 });
const sorted = (list: Iterable<string>) => [...list].sort();

test("any list of names survives its text, order and repetitions included", () => {
  fc.assert(
    fc.property(names, (hosts) => {
      const list = Hostlist.from(hosts);
      expect([...list]).toEqual(hosts);
      expect([...Hostlist.parse(list.encode())]).toEqual(hosts);
      expect(list.size).toBe(hosts.length);
    }),
  );
});

test("nth and find agree with the expanded list", () => {
  fc.assert(
    fc.property(names, name, (hosts, wanted) => {
      const list = Hostlist.from(hosts);
      expect(hosts.map((_, i) => list.nth(i))).toEqual(hosts);
      expect(list.nth(hosts.length)).toBeUndefined();
      expect(list.nth(-1)).toBeUndefined();
      const index = hosts.indexOf(wanted);
      expect(list.find(wanted)).toBe(index < 0 ? undefined : index);
      expect(list.has(wanted)).toBe(index >= 0);
    }),
  );
});

test("sort loses no host, uniq keeps one of each", () => {
  fc.assert(
    fc.property(names, (hosts) => {
      expect(sorted(Hostlist.from(hosts).sort())).toEqual(sorted(hosts));
      expect(sorted(Hostlist.from(hosts).uniq())).toEqual(sorted(new Set(hosts)));
      expect([...Hostlist.from(hosts).sort().sort()]).toEqual([...Hostlist.from(hosts).sort()]);
    }),
  );
});

test("delete takes the first host of each name", () => {
  fc.assert(
    fc.property(names, names, (hosts, gone) => {
      const list = Hostlist.from(hosts);
      const rest = [...hosts];
      let count = 0;
      for (const host of gone) {
        if (!rest.includes(host)) continue;
        rest.splice(rest.indexOf(host), 1);
        count++;
      }
      expect(list.delete(Hostlist.from(gone))).toBe(count);
      expect([...list]).toEqual(rest);
      expect(list.size).toBe(rest.length);
    }),
  );
});

test("set operations choose the hosts that plain sets do", () => {
  fc.assert(
    fc.property(names, names, (a, b) => {
      const [left, right] = [Hostlist.from(a), Hostlist.from(b)];
      expect(sorted(left.union(right))).toEqual(sorted(new Set([...a, ...b])));
      expect(sorted(left.intersect(right))).toEqual(
        sorted(new Set(a.filter((h) => b.includes(h)))),
      );
      expect([...left.subtract(right)]).toEqual(a.filter((host) => !b.includes(host)));
      const one = [...a.filter((h) => !b.includes(h)), ...b.filter((h) => !a.includes(h))];
      expect(sorted(left.xor(right))).toEqual(sorted(new Set(one)));
    }),
  );
});

// What flux-core 0.88 makes of the same text.
test.each([
  ["foo1,foo1,foo1", "foo[1,1,1]"],
  ["foo[3,1,2]", "foo[3,1-2]"],
  ["a b,c\td", "a,b,c,d"],
  [",,a,,", "a"],
  ["foo1bar,foo2bar", "foo1bar,foo2bar"],
  ["foo[1-2]bar", "foo1bar,foo2bar"],
  ["node8,node9,node10", "node[8-10]"],
  ["node09,node10", "node[09-10]"],
  ["node01,node1", "node[01,1]"],
  ["node[1-2],node[3-4]", "node[1-4]"],
  ["node[1-3]x,node[4-5]", "node1x,node2x,node3x,node[4-5]"],
  ["a[0-1],b[0-1],a[2-3]", "a[0-1],b[0-1],a[2-3]"],
  ["foo1,foo,foo2", "foo1,foo,foo2"],
  ["foo99,foo100", "foo[99-100]"],
  ["foo00,foo1", "foo[00,1]"],
  ["foo[00-1],foo2", "foo[00-01,2]"],
  ["foo[01-010]", "foo[01-10]"],
  ["r[0-1]n[0-1]", "r0n[0-1],r1n[0-1]"],
  ["[1]foo", "1foo"],
  ["00,01", "[00-01]"],
  ["foo-1,foo-2", "foo-[1-2]"],
  ["foo[1-3] foo[4-5]", "foo[1-5]"],
])("%s is encoded as %s", (text, encoded) => {
  expect(Hostlist.parse(text).encode()).toBe(encoded);
});

test.each([
  ["foo[5-7],foo[6-8]", "foo[5-6,6-7,7-8]", "foo[5-8]"],
  ["b,a", "a,b", "a,b"],
  ["foo10,foo9,foo1,foo01", "foo[1,9,01,10]", "foo[1,9,01,10]"],
  ["foo[1-5],foo[2-3],foo[3-9]", "foo[1-2,2-3,3,3-4,4-5,5-9]", "foo[1-9]"],
  ["z1,foo,foo1,a,foo", "a,foo,foo,foo1,z1", "a,foo,foo1,z1"],
  ["b[1-2],a[1-2],b[2-3]", "a[1-2],b[1-2,2-3]", "a[1-2],b[1-3]"],
  ["B1,a1,_1", "B1,_1,a1", "B1,_1,a1"],
  ["foo1,foo01,foo2,foo02", "foo[1-2,01-02]", "foo[1-2,01-02]"],
  ["[8-12],[9-10]", "[8-9,9-10,10-12]", "[8-12]"],
])("%s sorted is %s, without repetitions %s", (text, encoded, unique) => {
  expect(Hostlist.parse(text).sort().encode()).toBe(encoded);
  expect(Hostlist.parse(text).uniq().encode()).toBe(unique);
});

test("a host is found whichever prefix its range was written with", () => {
  const list = Hostlist.parse("foo1[0-3],foo[11-12],f00[1-2]");
  expect([list.find("foo12"), list.find("f002"), list.find("foo010")]).toEqual([2, 7, undefined]);
  expect(list.uniq().encode()).toBe("f[001-002],foo[10-13]");
});

test("select keeps the order of the indices", () => {
  expect(Hostlist.parse("foo[0-9]").select([8, 2, 3, 99]).encode()).toBe("foo[8,2-3]");
});

test("lists are equal when they have the same hosts in the same order", () => {
  expect(Hostlist.parse("foo[1-2]").equals(Hostlist.from(["foo1", "foo2"]))).toBe(true);
  expect(Hostlist.parse("foo[1-2]").equals(Hostlist.from(["foo2", "foo1"]))).toBe(false);
  expect(Hostlist.parse("foo1").equals(Hostlist.parse("foo[1-2]"))).toBe(false);
});

test.each([
  "foo[5-1]",
  "foo[1",
  "foo1]",
  "foo[]",
  "foo[1-]",
  "foo[-1]",
  "foo[1--2]",
  "foo[1-2-3]",
  "foo[ 1]",
  "foo[a]",
  "foo[1,]",
  "foo[[1]]",
  "foo[1],bar]",
  "foo\n1",
  "foo[0-1048576]",
])("%j is refused", (text) => {
  expect(() => Hostlist.parse(text)).toThrow(expect.objectContaining({ code: "EINVAL" }));
});

test("text that stands for more hosts than there are is refused", () => {
  const million = "0-1048575";
  expect(() => Hostlist.parse(`foo[${Array(9).fill(million).join(",")}]`)).toThrow(
    "too many hosts",
  );
  expect(() => Hostlist.parse(`foo[${million},1]x`)).toThrow("too many hosts");
  expect(Hostlist.parse(`foo[${million}]`).nth(1048575)).toBe("foo1048575");
});
