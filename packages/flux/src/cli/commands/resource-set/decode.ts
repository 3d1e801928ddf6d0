import { parseConstraint } from "@flux-ts/protocol/job/constraint";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Idset } from "@flux-ts/protocol/text/idset";
import { command } from "../../command.ts";
import { flag, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { readUnion } from "./read-sets.ts";

export default command({
  name: "decode",
  summary: "Return the union of all R objects on stdin",
  description:
    "\nReturn the union of all R objects on stdin and print details or summary of the\nresult. By default an RFC 20 JSON object is emitted on stdout, unless one or\nmore options below are used\n\nOptions:\n",
  dialect: "A",
  usage: "[OPTIONS]...",
  args: { ignored: "[ARGS...]" },
  options: {
    short: flag("-s, --short", "Print short-form representation of R"),
    nodelist: flag("-n, --nodelist", "Print nodelist in hostlist form from R, if any"),
    ranks: flag("-r, --ranks", "Print ranks in idset form from R, if any"),
    count: text("-c, --count=TYPE", "Print count of resource TYPE in R (ranks, core, gpu)"),
    include: text("-i, --include=RANKS", "Include only specified ranks."),
    exclude: text("-x, --exclude=RANKS", "Exclude specified ranks."),
    properties: text("-p, --properties=LIST", "Filter on properties"),
  },
  async run({ options, stdin, out }) {
    const set = selected(await readUnion(stdin), options);
    const lines: string[] = [];
    if (options.short) lines.push(set.dumps());
    if (options.nodelist) lines.push(set.nodelist()?.encode() ?? "");
    if (options.ranks) lines.push(set.ranks.encode());
    if (options.count !== undefined) lines.push(`${set.count(options.count)}`);
    for (const line of lines.length > 0 ? lines : [textOfR(set)]) out.line(line);
  },
});

interface Selection {
  readonly include: string | undefined;
  readonly exclude: string | undefined;
  readonly properties: string | undefined;
}

function selected(all: ResourceSet, { include, exclude, properties }: Selection): ResourceSet {
  let set = all;
  if (properties !== undefined) set = withProperties(set, properties);
  if (include !== undefined) {
    set = set.copyRanks(ranksOf(include, `Invalid ranks option: '${include}'`));
  }
  if (exclude !== undefined) {
    const ranks = ranksOf(exclude, `Invalid idset in --exclude option: ${exclude}`);
    set = set.copyRanks(set.ranks.subtract(ranks));
  }
  return set;
}

function withProperties(set: ResourceSet, list: string): ResourceSet {
  const properties = list.split(",").filter((name) => name !== "");
  try {
    return set.filter(parseConstraint({ properties }));
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`Invalid property constraint: ${error.message}: Invalid argument`);
  }
}

function ranksOf(text: string, refusal: string): Idset {
  try {
    return Idset.parse(text);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`${refusal}: Invalid argument`);
  }
}
