import type { JobId } from "@flux-ts/protocol/job/fluid";
import { expect, test } from "vitest";
import { jobNamer } from "./job-name.ts";

const id = 100n as JobId;

test.each([
  [{ LANG: "en_US.UTF-8" }, "ƒ2j"],
  [{ LANG: "de_DE", LC_CTYPE: "C.utf8" }, "ƒ2j"],
  [{ LANG: "en_US.UTF-8", LC_ALL: "C" }, "f2j"],
  [{ LANG: "en_US.UTF-8", FLUX_F58_FORCE_ASCII: "" }, "f2j"],
  [{}, "f2j"],
])("with %j job 100 is %s", (env, name) => {
  expect(jobNamer(env)(id)).toBe(name);
});
