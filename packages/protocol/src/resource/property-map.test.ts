import { expect, test } from "vitest";
import { Idset } from "../text/idset.ts";
import { PropertyMap } from "./property-map.ts";

function shown(map: PropertyMap): Record<string, string> {
  return Object.fromEntries([...map.ranks].map(([name, ranks]) => [name, ranks.encode()]));
}

test("properties follow their ranks", () => {
  const map = new PropertyMap();
  map.set("a", Idset.parse("0-2"));
  map.set("b", Idset.parse("2"));
  map.set("a", Idset.parse("4"));
  expect(map.has("a", 4)).toBe(true);
  expect(map.has("c", 4)).toBe(false);
  expect(shown(map.only(Idset.parse("0-1,4")))).toEqual({ a: "0-1,4" });
  const renumbered = map.renumbered(
    new Map([
      [0, 9],
      [2, 0],
    ]),
  );
  expect(shown(renumbered)).toEqual({ a: "0,9", b: "0" });
  expect(shown(map)).toEqual({ a: "0-2,4", b: "2" });
});

test("the set that was handed in stays the caller's", () => {
  const map = new PropertyMap();
  const ranks = Idset.of(1);
  map.set("a", ranks);
  ranks.add(2);
  expect(shown(map)).toEqual({ a: "1" });
});

test("names are checked", () => {
  expect(() => new PropertyMap().set("a|b", new Idset())).toThrow("invalid character '|'");
  expect(() => new PropertyMap().set("", new Idset())).toThrow("property name is empty");
});
