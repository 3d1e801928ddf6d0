import type { Flux } from "@flux-ts/client/handle";
import { resourceStatus } from "@flux-ts/client/resource";
import { ResourceStatus, type StatusPayload } from "@flux-ts/client/resource-status";
import { parseJson } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Environment } from "../../environment.ts";
import { wantsColor } from "../../output/color.ts";
import { type FormatSource, formatNamed } from "../../output/named-formats.ts";
import type { Input, Output } from "../../output/output.ts";
import { parseOutputFormat } from "../../output/table.ts";
import { configuration, includedRanks, ranksOfQueues } from "./instance-resources.ts";
import { statusField, statusHeadings, statusLines } from "./status-lines.ts";
import { type StatusState, statusStates } from "./status-states.ts";

interface StatusOptions {
  readonly format: string;
  readonly states: string | undefined;
  readonly queue: readonly string[];
  readonly include: string | undefined;
  readonly noHeader: boolean;
  readonly color: string | undefined;
  readonly skipEmpty: boolean;
  readonly fromStdin: boolean;
  readonly configFile: string | undefined;
}

interface Surroundings {
  flux(): Promise<Flux>;
  readonly stdin: Input;
  readonly out: Output;
  readonly err: Output;
  readonly env: Environment;
  readonly prog: string;
  error(text: string): void;
}

/** Print ranks by administrative state. Resolves to the exit status. */
export async function printStatus(
  options: StatusOptions,
  surroundings: Surroundings,
  source: FormatSource,
): Promise<number> {
  const { out, err, env, prog, error } = surroundings;
  // Before anything is asked or shown, as argparse does.
  const colored = wantsColor(options.color, out, env, "usage");
  const listing = `${prog}: INFO: valid states: ${statusStates.join(",")}`;
  if (options.states === "help") {
    err.line(listing);
    return 0;
  }
  const states = (options.states || defaultStates).split(",");
  const unknown = states.find((state) => !statusStates.some((name) => name === state));
  if (unknown !== undefined) {
    error(`Invalid resource state ${unknown} specified`);
    err.line(listing);
    return 1;
  }
  const format = await formatNamed(options.format, source, { env, out });
  if (format === undefined) return 0;
  const status = await loadStatus(options, surroundings);
  let parsed = parseOutputFormat(format, statusHeadings);
  if (!colored) parsed = parsed.without(new Set(["color_up", "color_off"]));
  const lines = statusLines(status, expanded(states), parsed).filter(
    ({ hosts, online }) =>
      hosts.size > 0 ||
      !(options.skipEmpty || !options.states || (!online && !states.includes("offline"))),
  );
  const { noHeader } = options;
  for (const { text } of parsed.lines(lines, statusField, { noHeader })) out.line(text);
  return 0;
}

const defaultStates = "avail,exclude,draining,drained,torpid,housekeeping";

/** `online` and `offline` alone choose among the default states; `drain` stands for two. */
function expanded(given: readonly string[]): Set<StatusState> {
  const isPlain = given.every((state) => state === "online" || state === "offline");
  const states = new Set([...given, ...(isPlain ? defaultStates.split(",") : [])]);
  if (states.delete("drain")) states.add("draining").add("drained");
  return states as Set<StatusState>;
}

async function loadStatus(options: StatusOptions, { flux, stdin, env }: Surroundings) {
  const { fromStdin, configFile, queue, include } = options;
  let status: ResourceStatus;
  if (fromStdin) {
    const text = await stdin.text();
    const payload = text === "" ? emptyStatus : (parseJson(text) as unknown as StatusPayload);
    status = new ResourceStatus(payload, new Idset(), new Idset());
  } else {
    status = await resourceStatus(await flux(), env.FLUX_RESOURCE_LIST_RPC || undefined);
  }
  let only: Idset | undefined;
  if (queue.length > 0) {
    const settings = await configuration(fromStdin ? undefined : flux, configFile);
    only = ranksOfQueues(status.resources, settings, queue);
  }
  if (include) {
    const included = includedRanks(include, status.resources);
    only = only ? only.intersect(included) : included;
  }
  return only ? status.only(only) : status;
}

const emptyStatus: StatusPayload = { R: null, drain: {}, online: "", offline: "", exclude: "" };
