import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { expect, test } from "vitest";

const einval = expect.objectContaining({ code: "EINVAL" });
const hosts = (text: string) => [...Hostlist.parse(text)].join(",");

test.each([
  ["", ""],
  ["foox,fooy,fooz", "foox,fooy,fooz"],
  ["[1-3,5-6]", "1,2,3,5,6"],
  ["foo[1-5]", "foo1,foo2,foo3,foo4,foo5"],
  ["foo[0-4]-eth2", "foo0-eth2,foo1-eth2,foo2-eth2,foo3-eth2,foo4-eth2"],
  ["foo1,foo1,foo1", "foo1,foo1,foo1"],
  ["[00-02]", "00,01,02"],
  ["[00-2]", "00,01,02"],
  ["foo[1,1,2,1]", "foo1,foo1,foo2,foo1"],
])("RFC 29 Test Vectors: %j stands for %j", (text, expanded) => {
  expect(hosts(text)).toBe(expanded);
  expect(hosts(Hostlist.parse(text).encode())).toBe(expanded);
});

test("RFC 29: a hostlist is an ordered list of strings", () => {
  expect(hosts("z,a,z,m1")).toBe("z,a,z,m1");
});

test("RFC 29: expressions are separated by commas", () => {
  expect(hosts("foo[1-2],bar,baz3-ib")).toBe("foo1,foo2,bar,baz3-ib");
});

test("RFC 29: prefix, idlist and suffix are each optional", () => {
  expect(hosts("p,p[1],[1],[1]s,p[1]s")).toBe("p,p1,1,1s,p1s");
});

test("RFC 29: an empty expression is an empty list", () => {
  expect(Hostlist.parse("").size).toBe(0);
  expect(new Hostlist().encode()).toBe("");
});

test("RFC 29: prefix and suffix are visible characters without brackets and commas", () => {
  expect(hosts("!#$.a-b_c~[1]!")).toBe("!#$.a-b_c~1!");
  for (const text of ["foo\u0007", "foo\n", "foo[1]\v", "foo]", "foo[1]]"]) {
    expect(() => Hostlist.parse(text)).toThrow(einval);
  }
});

test("RFC 29: an idlist is an ordered list of non-negative ids", () => {
  expect(hosts("h[5,4,10,11,12,13]")).toBe("h5,h4,h10,h11,h12,h13");
  for (const text of ["h[-1]", "h[1,a]", "h[1.5]"]) {
    expect(() => Hostlist.parse(text)).toThrow(einval);
  }
});

test("RFC 29: consecutive ids may be hyphenated ranges", () => {
  expect(hosts("h[5,4,11-13]")).toBe("h5,h4,h11,h12,h13");
  expect(Hostlist.parse("h5,h4,h11,h12,h13").encode()).toBe("h[5,4,11-13]");
});

test("RFC 29: leading zeros belong to each id, as in flux-core, not to those after it", () => {
  // The RFC pads the whole idlist like its first id. Peers write foo01,foo1 as foo[01,1].
  expect(hosts("h[005-006,4,011-13]")).toBe("h005,h006,h4,h011,h012,h013");
  expect(Hostlist.parse("foo01,foo1").encode()).toBe("foo[01,1]");
});

test("RFC 29: an idlist may repeat numbers", () => {
  expect(hosts("h[2,2,2]")).toBe("h2,h2,h2");
  expect(Hostlist.parse("h2,h2,h2").encode()).toBe("h[2,2,2]");
});

test("RFC 29: an idlist is enclosed in brackets", () => {
  expect(hosts("host[0-2,12]")).toBe("host0,host1,host2,host12");
  expect(hosts("host0-2")).toBe("host0-2");
  for (const text of ["host[0", "host0]", "host[0-2", "host[]"]) {
    expect(() => Hostlist.parse(text)).toThrow(einval);
  }
});
