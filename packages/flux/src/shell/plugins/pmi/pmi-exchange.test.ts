import fc from "fast-check";
import { expect, test } from "vitest";
import {
  childCountOf,
  type ExchangeEffect,
  type Pairs,
  PmiExchange,
  parentOf,
} from "./pmi-exchange.ts";

test("the tree has every shell once", () => {
  const sizes = fc.integer({ min: 1, max: 100 });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 5 }), (size, k) => {
      const counts = Array<number>(size).fill(0);
      for (let rank = 1; rank < size; rank++) counts[parentOf({ rank, size, k })!]!++;
      expect(counts).toEqual(counts.map((_count, rank) => childCountOf({ rank, size, k })));
    }),
  );
});

/** Run one barrier of a whole job, shells entering in this order. */
function barrier(shells: PmiExchange<number>[], k: number, order: readonly number[]): Pairs[] {
  const size = shells.length;
  const results: Pairs[] = [];
  const perform = (rank: number, effects: ExchangeEffect<number>[]): void => {
    for (const effect of effects) {
      if (effect.do === "ask-parent") {
        const parent = parentOf({ rank, size, k })!;
        perform(parent, shells[parent]!.onChild(rank, effect.pairs));
      } else if (effect.do === "answer") {
        perform(effect.child, shells[effect.child]!.onParent(effect.pairs));
      } else if (effect.do === "complete") {
        results[rank] = effect.pairs!;
      }
    }
  };
  for (const rank of order) perform(rank, shells[rank]!.onLocal({ [`key${rank}`]: `${rank}` }));
  return results;
}

test("after a barrier every shell has what all have put, whatever the order, again and again", () => {
  const orders = fc.integer({ min: 1, max: 12 }).chain((size) => {
    const order = fc.shuffledSubarray([...Array(size).keys()], { minLength: size });
    return fc.tuple(order, order, fc.integer({ min: 1, max: 3 }));
  });
  fc.assert(
    fc.property(orders, ([first, second, k]) => {
      const size = first.length;
      const shells = first.map((_, rank) => new PmiExchange<number>({ rank, size, k }));
      for (const order of [first, second]) {
        const results = barrier(shells, k, order);
        const all = Object.fromEntries(order.map((rank) => [`key${rank}`, `${rank}`]));
        expect(results).toEqual(order.map(() => all));
      }
    }),
  );
});

test("a failure above fails the children and the local barrier", () => {
  const exchange = new PmiExchange<string>({ rank: 1, size: 4, k: 2 });
  exchange.onChild("child", {});
  expect(exchange.onLocal({})).toEqual([{ do: "ask-parent", pairs: {} }]);
  expect(exchange.onParent(undefined).map((effect) => effect.do)).toEqual(["refuse", "complete"]);
});
