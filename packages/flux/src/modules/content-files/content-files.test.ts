import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import contentModule from "../content/content.ts";
import contentFilesModule from "./content-files.ts";

test("each blob is a file named by its blobref; the checkpoint is one, too", async () => {
  const statedir = mkdtempSync(join(tmpdir(), "flux-content-files-"));
  await using broker = await testBroker({
    modules: [contentModule, contentFilesModule],
    attrs: { statedir },
  });
  const { flux } = broker;
  await flux.call(contentBacking.store, Buffer.from("hello"));
  const value = { version: 1, rootref: "sha1-x", sequence: 1, timestamp: 2 };
  await flux.call(contentBacking.checkpointPut, { value });
  const folder = join(statedir, "content.files");
  const name = "sha1-aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d";
  expect(readdirSync(folder).sort()).toEqual(["kvs-primary", name]);
  expect(readFileSync(join(folder, name), "utf8")).toBe("hello");
  expect(readFileSync(join(folder, "kvs-primary"), "utf8")).toBe(
    '{"version":1,"rootref":"sha1-x","sequence":1,"timestamp":2.0}',
  );
  expect(await flux.rpc("content-files.stats-get")).toEqual({ object_count: 2 });
  rmSync(statedir, { recursive: true });
});
