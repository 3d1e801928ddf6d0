import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { expect, test } from "vitest";
import { SchedView, statusPayload } from "./status-payload.ts";

const execution = {
  R_lite: [{ rank: "0-3", children: { core: "0-1" } }],
  nodelist: ["n[0-3]"],
  properties: { p: "1-2" },
};
const set = parseR({ version: 1, execution, scheduling: { big: true } });
const availability = {
  drained: Idset.of(1),
  down: Idset.of(2),
  torpid: new Idset(),
  excluded: Idset.of(0),
  lost: new Idset(),
};

test("the status has all ranks, and R without the scheduler's part", () => {
  const drained = [{ ranks: Idset.of(1), timestamp: 5, reason: undefined }];
  const payload = statusPayload(set, drained, Idset.of(0, 1, 3), availability);
  expect(payload).toEqual({
    R: { version: 1, execution: { ...execution, starttime: 0, expiration: 0 } },
    drain: { "1": { timestamp: 5, reason: "" } },
    online: "0-1,3",
    offline: "2",
    exclude: "0",
    torpid: "",
  });
});

test("the scheduler's view leaves out what is excluded and tells properties of what is allocated", () => {
  const allocated = { R_lite: [{ rank: "1,3", children: { core: "0" } }], nodelist: ["n[1,3]"] };
  const view = new SchedView(set, availability);
  const payload = view.payload(availability, { version: 1, execution: allocated });
  expect(payload.all.execution).toMatchObject({ R_lite: [{ rank: "1-3" }] });
  expect(payload.down.execution).toMatchObject({ R_lite: [{ rank: "1-2" }] });
  expect(payload.allocated.execution).toMatchObject({ properties: { p: "1" } });
});

test("nothing allocated is an empty R", () => {
  const { allocated } = new SchedView(set, availability).payload(availability, undefined);
  expect(allocated.execution).toEqual({
    R_lite: [],
    starttime: 0,
    expiration: 0,
    nodelist: [""],
  });
});
