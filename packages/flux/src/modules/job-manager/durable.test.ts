import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromCommand } from "@flux-ts/protocol/job/from-command";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { type TestBroker, testBroker, testOwner } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import content from "../content/content.ts";
import contentSqlite from "../content-sqlite/content-sqlite.ts";
import jobIngestModule from "../job-ingest/job-ingest.ts";
import kvsModule from "../kvs/kvs.ts";
import jobManagerModule from "./job-manager.ts";

const modules = [content, contentSqlite, kvsModule, jobManagerModule, jobIngestModule];
const J = wrapNone(encodeUtf8(JSON.stringify(fromCommand(["app"]))), testOwner);

function start(statedir: string): Promise<TestBroker> {
  return testBroker({ modules, attrs: { statedir, rundir: statedir } });
}

test("what was answered is in the files: jobs and the state of queues", async () => {
  const parent = mkdtempSync(join(tmpdir(), "flux-durable-"));
  const [before, after] = [join(parent, "before"), join(parent, "after")];
  try {
    mkdirSync(before);
    await using first = await start(before);
    const args = { J, urgency: 16, flags: 0 };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => first.flux.call(jobIngest.submit, args)),
    );
    await first.flux.call(jobManager.queueStart, { start: false, all: false, reason: "night" });
    await first.flux.call(jobManager.queueEnable, { enable: false, all: false, reason: "full" });
    // What kill -9 would leave: the broker is in the middle of its life.
    cpSync(before, after, { recursive: true });
    await using second = await start(after);
    const { jobs } = await second.flux.call(jobManager.list, { max_entries: 0 });
    expect(jobs.map(({ id }) => id).sort()).toEqual(answers.map(({ id }) => id).sort());
    expect(jobs.every(({ state }) => state === 8)).toBe(true);
    expect(await second.flux.call(jobManager.queueStatus, {})).toMatchObject({
      enable: false,
      disable_reason: "full",
      start: false,
    });
  } finally {
    rmSync(parent, { recursive: true });
  }
});
