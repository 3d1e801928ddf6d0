import fc from "fast-check";
import { expect, test } from "vitest";
import { Idset, MAX_ID } from "./idset.ts";

const smallIds = fc.uniqueArray(fc.nat(40));

test("a set can be read back from its text", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(MAX_ID)), (ids) => {
      const set = Idset.from(ids);
      expect(Idset.parse(set.encode()).equals(set)).toBe(true);
      expect(Idset.parse(set.encode({ brackets: true })).equals(set)).toBe(true);
      expect([...set]).toEqual(ids.toSorted((a, b) => a - b));
    }),
  );
});

test("adding and removing ranges does what it does to a plain set", () => {
  const step = fc.tuple(fc.boolean(), fc.nat(40), fc.nat(8));
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const set = new Idset();
      const model = new Set<number>();
      for (const [add, first, more] of steps) {
        if (add) set.addRange(first, first + more);
        else set.removeRange(first, first + more);
        for (let id = first; id <= first + more; id++) {
          if (add) model.add(id);
          else model.delete(id);
        }
        expect(set.size).toBe(model.size);
      }
      expect([...set]).toEqual([...model].sort((a, b) => a - b));
      expect(Idset.parse(set.encode()).size).toBe(set.size);
    }),
  );
});

test("union, intersection and difference agree with those of plain sets", () => {
  fc.assert(
    fc.property(smallIds, smallIds, (a, b) => {
      const [left, right] = [Idset.from(a), Idset.from(b)];
      const sorted = (ids: number[]) => ids.toSorted((x, y) => x - y);
      expect([...left.union(right)]).toEqual(sorted([...new Set([...a, ...b])]));
      expect([...left.intersect(right)]).toEqual(sorted(a.filter((id) => b.includes(id))));
      expect([...left.subtract(right)]).toEqual(sorted(a.filter((id) => !b.includes(id))));
      expect(left.subtract(right).size).toBe(a.filter((id) => !b.includes(id)).length);
      expect(left.includes(right)).toBe(b.every((id) => a.includes(id)));
      expect([...left]).toEqual(sorted(a));
    }),
  );
});

test("next finds the smallest id above, whether that is a member or not", () => {
  fc.assert(
    fc.property(smallIds, fc.integer({ min: -1, max: 41 }), (ids, id) => {
      const above = ids.filter((each) => each > id);
      const expected = above.length > 0 ? Math.min(...above) : undefined;
      expect(Idset.from(ids).next(id)).toBe(expected);
    }),
  );
});

test("first and last of an empty set are undefined", () => {
  expect(new Idset().first()).toBeUndefined();
  expect(new Idset().last()).toBeUndefined();
  expect(Idset.parse("3-5,9").first()).toBe(3);
  expect(Idset.parse("3-5,9").last()).toBe(9);
});

test("a range costs no more than its two ends", () => {
  const set = Idset.parse("0-2147483647");
  expect(set.size).toBe(2 ** 31);
  set.remove(1_000_000);
  expect(set.encode()).toBe("0-999999,1000001-2147483647");
  expect(set.has(1_000_000)).toBe(false);
  expect(set.has(2_000_000)).toBe(true);
});

test.each(["0-99999999999", "2147483648", "99999999999999999999"])("%s is too large", (text) => {
  expect(() => Idset.parse(text)).toThrow("set universe size would exceed maximum");
});

test("ids that are no ids are refused", () => {
  for (const id of [-1, 1.5, Number.NaN, MAX_ID + 1]) {
    expect(() => new Idset().add(id)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  }
  expect(() => new Idset().addRange(5, 2)).toThrow("range 5-2");
  expect(new Idset().has(-1)).toBe(false);
});

test("elements that are missing between commas are passed over, as flux-core does", () => {
  expect(Idset.parse("1,,2,").encode()).toBe("1-2");
});

test("a copy does not change with its original", () => {
  const set = Idset.of(1, 2);
  const copy = set.clone();
  set.add(3);
  expect([copy.encode(), copy.size]).toEqual(["1-2", 2]);
});
