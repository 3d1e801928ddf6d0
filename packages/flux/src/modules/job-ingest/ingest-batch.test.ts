import type { JobId } from "@flux-ts/protocol/job/fluid";
import { decodeBase64 } from "@flux-ts/protocol/text/base64";
import { expect, test } from "vitest";
import { announcement, kvsOperations, removal, withoutEnvironment } from "./ingest-batch.ts";

const submission = { J: "a.b.none", jobspec: {}, userid: 5, rolemask: 1, urgency: 16, flags: 2 };
const jobspec = { version: 1, attributes: { system: { duration: 0 } } };
const job = { id: 0x123456789abcden as JobId, submission, jobspec, tSubmit: 7.5 };

test("J and jobspec go below the directory of the job id", () => {
  const ops = kvsOperations(job) as { key: string; flags: number; dirent: { data: string } }[];
  expect(ops.map(({ key }) => key)).toEqual([
    "job.0012.3456.789a.bcde.J",
    "job.0012.3456.789a.bcde.jobspec",
  ]);
  const texts = ops.map(({ dirent }) => Buffer.from(decodeBase64(dirent.data)).toString());
  expect(texts).toEqual(["a.b.none", JSON.stringify(jobspec)]);
  expect(removal(job.id)).toEqual({ key: "job.0012.3456.789a.bcde", flags: 0, dirent: null });
});

test("the job manager is told id, user, urgency, time, flags and jobspec", () => {
  expect(announcement(job)).toEqual({
    id: job.id,
    userid: 5,
    urgency: 16,
    t_submit: 7.5,
    flags: 2,
    jobspec,
  });
});

test("the environment is left out, everything else stays", () => {
  const system = { duration: 1, environment: { PATH: "/bin" } };
  expect(withoutEnvironment({ version: 1, attributes: { system, user: { x: 1 } } })).toEqual({
    version: 1,
    attributes: { system: { duration: 1 }, user: { x: 1 } },
  });
  expect(withoutEnvironment({ version: 1 })).toEqual({ version: 1 });
});
