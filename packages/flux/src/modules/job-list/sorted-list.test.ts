import fc from "fast-check";
import { expect, test } from "vitest";
import { SortedList } from "./sorted-list.ts";

const byNumber = (a: number, b: number): number => a - b;

test("items come in their order, whatever was added and deleted before", () => {
  const steps = fc.array(fc.record({ add: fc.boolean(), item: fc.integer({ min: 0, max: 50 }) }));
  fc.assert(
    fc.property(steps, (sequence) => {
      const list = new SortedList<number>(byNumber);
      const model = new Set<number>();
      for (const { add, item } of sequence) {
        if (!add) expect(list.delete(item)).toBe(model.delete(item));
        else if (!model.has(item)) {
          model.add(item);
          list.add(item);
        }
      }
      expect([...list]).toEqual([...model].sort(byNumber));
      expect(list.size).toBe(model.size);
    }),
  );
});

test("many thousands of items stay in order, added from either end or at random", () => {
  const count = 20_000;
  const orders = [
    (i: number) => i,
    (i: number) => count - i,
    (i: number) => (i * 7919) % count, // coprime: each once
  ];
  for (const place of orders) {
    const list = new SortedList<number>(byNumber);
    for (let i = 0; i < count; i++) list.add(place(i));
    const items = [...list];
    expect(items).toHaveLength(count);
    expect(items.every((item, i) => i === 0 || items[i - 1]! < item)).toBe(true);
    for (let i = 0; i < count; i += 2) expect(list.delete(items[i]!)).toBe(true);
    expect([...list]).toEqual(items.filter((_, i) => i % 2 === 1));
  }
});
