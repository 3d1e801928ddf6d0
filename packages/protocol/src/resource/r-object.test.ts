import { expect, test } from "vitest";
import { rObject } from "./r-object.ts";

test("times are printed as reals, whatever else there is", () => {
  const execution = { R_lite: [], starttime: 0, expiration: 10, nodelist: [] };
  expect(rObject.print?.({ version: 1, execution, scheduling: { x: 1 } })).toBe(
    '{"version":1,"execution":{"R_lite":[],"starttime":0.0,"expiration":10.0,"nodelist":[]},' +
      '"scheduling":{"x":1}}',
  );
});
