import fc from "fast-check";
import { expect, test } from "vitest";
import { Idset } from "../text/idset.ts";
import { encodeCpuset, parseCpuset } from "./cpuset.ts";

test("sets are written in hwloc's words, empty ones left out", () => {
  expect(encodeCpuset(new Idset())).toBe("0x0");
  expect(encodeCpuset(Idset.parse("0-1"))).toBe("0x00000003");
  expect(encodeCpuset(Idset.parse("31-32"))).toBe("0x00000001,0x80000000");
  expect(encodeCpuset(Idset.of(64))).toBe("0x00000001,,0x0");
});

test("any set survives the way to text and back", () => {
  const ids = fc.uniqueArray(fc.nat(300));
  fc.assert(
    fc.property(ids, (members) => {
      const set = Idset.from(members);
      expect(parseCpuset(encodeCpuset(set)).equals(set)).toBe(true);
    }),
  );
});

test("an infinite set ends with its last word", () => {
  expect(parseCpuset("0xf...f,0x00000002").encode()).toBe("1");
});
