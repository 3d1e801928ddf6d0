import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import { archiveEntries, extractEntries } from "./extract.ts";
import { globPattern } from "./glob.ts";

/** `-o stage-in`: unpack archives of the KVS (`flux archive`) on each node before the tasks run. */
export default defineShellPlugin({
  name: "stage-in",
  load(shell) {
    const option = shell.options.get("stage-in");
    if (option === undefined) return undefined;
    return { "shell.init": () => stageIn(shell, stageInOption(option)) };
  },
});

interface StageIn {
  readonly names: readonly string[];
  readonly pattern: string | undefined;
  /** Undefined: the job's temporary directory. */
  readonly directory: string | undefined;
  readonly leaderOnly: boolean;
}

async function stageIn(shell: Shell, option: StageIn): Promise<void> {
  if (option.leaderOnly && !shell.isLeader) return;
  const directory = option.directory ?? shell.env.get("FLUX_JOB_TMPDIR")!;
  const started = performance.now();
  let count = 0;
  let bytes = 0;
  const matches = option.pattern === undefined ? undefined : globPattern(option.pattern);
  for (const name of option.names) {
    const archive = archiveEntries(await archiveOf(shell, name));
    const entries = archive.filter(({ path }) => matches?.test(path) ?? true);
    await extractEntries(shell.site.flux, directory, entries);
    count += entries.length;
    bytes += entries.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
  }
  const rate = bytes / 1000 / Math.max(1, performance.now() - started);
  const text = `${count} files ${rate.toFixed(1)}MB/s => ${directory}`;
  shell.log(LogLevel.Debug, text, "stage-in");
}

async function archiveOf({ site }: Shell, name: string): Promise<Json> {
  const key = `archive.${name}`;
  try {
    const request = { key, flags: 0, namespace: primaryNamespace };
    const { val } = await site.flux.call(kvs.lookup, request);
    const object = checkTreeObject(val);
    if (object.type !== "val") throw new FluxError("EPROTO", "not a value");
    return parseJson(decodeUtf8(valBytes(object)));
  } catch (error) {
    const reason = (error as Error).message;
    const text = `could not lookup ${key} in primary KVS namespace: ${reason}`;
    throw new FluxError("ENOENT", text, { cause: error });
  }
}

function stageInOption(option: Json): StageIn {
  const given = isJsonObject(option) ? option : {};
  const { names, tags, pattern, destination, ...others } = given;
  const list = tags ?? names ?? "main";
  const isText = [list, pattern ?? "", destination ?? ""].every((text) => typeof text === "string");
  if (!isText || Object.keys(others).length > 0) {
    throw new FluxError("EINVAL", "Error parsing stage_in shell option");
  }
  const [, prefix, path] = /^(?:([^:]*):)?(.*)$/s.exec(String(destination ?? ""))!;
  if (prefix !== undefined && prefix !== "local" && prefix !== "global") {
    throw new FluxError("EINVAL", "destination prefix must be local: or global:");
  }
  const parts = String(list).split(",");
  return {
    names: parts.filter((name) => name !== ""),
    pattern: pattern === undefined ? undefined : String(pattern),
    directory: path === "" ? undefined : path,
    leaderOnly: prefix === "global",
  };
}
