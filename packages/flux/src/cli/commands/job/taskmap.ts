import type { Flux } from "@flux-ts/client/handle";
import { eventlogPaths, jobEvents } from "@flux-ts/client/job-events";
import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";
import { parseRText } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import type { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { command } from "../../command.ts";
import { int, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "taskmap",
  summary: "Utility function for working with job task maps",
  dialect: "A",
  usage: "[OPTION] JOBID|TASKMAP",
  args: { source: "JOBID|TASKMAP" },
  options: {
    taskids: int("--taskids=NODEID", "Print idset of tasks on node NODEID"),
    ntasks: int("--ntasks=NODEID", "Print number of tasks on node NODEID"),
    nodeid: int("--nodeid=TASKID", "Print the shell rank/nodeid on which a taskid executed"),
    hostname: int("--hostname=TASKID", "Print the hostname on which a taskid executed"),
    to: text(
      "--to=FORMAT",
      "Convert an RFC 34 taskmap to another format (FORMAT can be raw, pmi, hosts, or multiline)",
    ),
  },
  async run({ args, options, flux, out }) {
    const id = jobIdOrNone(args.source);
    const map = id === undefined ? given(args.source) : await mapOfJob(await flux(), id);
    const hosts = async (what: string): Promise<Hostlist> => {
      if (id === undefined) throw new CommandError(`taskmap: can't use ${what} without a jobid`);
      return hostsOf(await flux(), id);
    };
    const { taskids, ntasks, nodeid, hostname, to } = options;
    if (taskids !== undefined) out.line(map.taskids(taskids).encode());
    else if (ntasks !== undefined) out.line(String(map.ntasks(ntasks)));
    else if (nodeid !== undefined) out.line(String(nodeOf(map, nodeid)));
    else if (hostname !== undefined) {
      const node = nodeOf(map, hostname);
      out.line((await hosts("--hostname")).nth(node) ?? "");
    } else if (to === "hosts") {
      const names = await hosts("--to=hosts");
      for (let node = 0; node < map.nodeCount; node++) {
        out.line(`${names.nth(node)}: ${map.taskids(node).encode()}`);
      }
    } else {
      for (const line of converted(map, to)) out.line(line);
    }
  },
});

function converted(map: Taskmap, to: string | undefined): string[] {
  switch (to) {
    case undefined:
      return [map.toString()];
    case "raw":
      return [map.toRaw()];
    case "pmi":
      return [map.toPmi()];
    case "multiline":
      return map.toMultiline();
    default:
      throw new CommandError(`invalid value --to=${to}`);
  }
}

function nodeOf(map: Taskmap, taskid: number): number {
  const node = map.nodeid(taskid);
  if (node === undefined) {
    throw new CommandError(`failed to get nodeid for task ${taskid}: No such file or directory`);
  }
  return node;
}

function jobIdOrNone(text: string): JobId | undefined {
  try {
    return parseJobId(text);
  } catch {
    return undefined;
  }
}

function given(source: string): Taskmap {
  try {
    return Taskmap.parse(source);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`error decoding taskmap: ${error.message}`);
  }
}

async function mapOfJob(flux: Flux, id: JobId): Promise<Taskmap> {
  try {
    for await (const { name, context } of jobEvents(flux, id, eventlogPaths.exec)) {
      if (name === "shell.start") return Taskmap.fromJson(context?.taskmap);
    }
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(
      error.code === "ENOENT"
        ? "Unable to get job taskmap: no such job"
        : `waiting for shell.start event: ${error.message}`,
    );
  }
  throw new CommandError("No taskmap found for job");
}

async function hostsOf(flux: Flux, id: JobId): Promise<Hostlist> {
  const { R } = await flux.call(jobInfo.lookup, { id, keys: ["R"], flags: 0 });
  const hosts = parseRText(String(R)).nodelist();
  if (!hosts) throw new CommandError("failed to get hostlist for job");
  return hosts;
}
