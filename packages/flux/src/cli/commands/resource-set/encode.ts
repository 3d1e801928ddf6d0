import { readFileSync } from "node:fs";
import { keepsDuplicateGpus, localTopology } from "@flux-ts/client/local-topology";
import { NodeResources } from "@flux-ts/protocol/resource/node-resources";
import { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { localResources } from "@flux-ts/protocol/topology/local-resources";
import { parseXml, type XmlElement } from "@flux-ts/protocol/topology/xml";
import { command } from "../../command.ts";
import { flag, list, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { textOfR } from "../resource/text-of-r.ts";
import { setProperties } from "./properties.ts";

export default command({
  name: "encode",
  summary: "Encode RFC 20 R objects for testing.",
  description: "\nEncode RFC 20 R objects for testing.\n\nOptions:\n",
  dialect: "A",
  usage: "[OPTIONS]...",
  args: { ignored: "[ARGS...]" },
  options: {
    ranks: text(
      "-r, --ranks=IDSET",
      'Generate an R with ranks in IDSET. If not provided then either match the number of nodes given  in --hosts option, or emit a single rank: "0"',
    ),
    cores: text(
      "-c, --cores=IDS",
      'Assign cores with IDS to each rank in R. Default is to assign a single core "0" to each rank.',
      { initial: "" },
    ),
    gpus: text(
      "-g, --gpus=IDS",
      "Assign gpu resources with IDS to each rank in R. Default is to assign no gpu resources.",
      { initial: "" },
    ),
    hosts: text(
      "-H, --hosts=HOSTS",
      "Generate R with nodelist set to HOSTS. By default, duplicate the local hostname to match the number of ranks given in --ranks.",
    ),
    property: list(
      "-p, --property=NAME[:RANKS]",
      "Assign property NAME to target ranks RANKS. If RANKS is not specified then the property applies to all defined ranks. This option may be specified multiple times for each property",
    ),
    local: flag("-l, --local", "Generate child resources from local system"),
    xml: text("-f, --xml=", "Generate child resources from hwloc XML"),
  },
  run({ options, out, system }) {
    const { cores, gpus, local, xml, property } = options;
    const isDiscovered = local || xml !== undefined;
    if (isDiscovered && (cores !== "" || gpus !== "")) {
      throw new CommandError("do not specify --cores or --gpus with --local or --xml");
    }
    const { ranks, hosts } = ranksAndHosts(options, system.hostname());
    const resources = isDiscovered
      ? discovered(xml === undefined ? localTopology() : readTopology(xml))
      : named(cores === "" && gpus === "" ? "0" : cores, gpus, ranks);
    const names = hosts[Symbol.iterator]();
    const set = ResourceSet.of(
      [...ranks].map((rank) => ({ rank, hostname: names.next().value ?? "", resources })),
    );
    setProperties(set, property);
    out.line(textOfR(set));
  },
});

interface Given {
  readonly ranks: string | undefined;
  readonly hosts: string | undefined;
}

/** Ranks that are not given follow from the hosts, and hosts from the ranks. */
function ranksAndHosts(given: Given, hostname: string): { ranks: Idset; hosts: Hostlist } {
  const ranks = given.ranks === undefined ? undefined : idsetOf("ranks", given.ranks);
  const hosts =
    given.hosts === undefined
      ? Hostlist.from(new Array<string>(ranks?.size ?? 1).fill(hostname))
      : hostsOf(given.hosts);
  if (ranks && hosts.size !== ranks.size) {
    const what = `hostname count in '${given.hosts}'`;
    throw new CommandError(`${what} does not match nranks (${ranks.size})`);
  }
  const all = hosts.size > 0 ? Idset.range(0, hosts.size - 1) : new Idset();
  return { ranks: ranks ?? all, hosts };
}

function idsetOf(name: string, given: string): Idset {
  try {
    return Idset.parse(given);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`Failed to decode ${name}='${given}' as idset`);
  }
}

function hostsOf(given: string): Hostlist {
  try {
    return Hostlist.parse(given);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`invalid hostlist '${given}'`);
  }
}

function named(cores: string, gpus: string, ranks: Idset): NodeResources {
  try {
    return NodeResources.parse({ core: cores, gpu: gpus });
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`rlist_append rank=${ranks.first() ?? 0}: Invalid argument`);
  }
}

function readTopology(path: string): XmlElement {
  let xml: string;
  try {
    xml = readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === "EACCES" ? "Permission denied" : "No such file or directory";
    throw new CommandError(`${path}: ${why}`);
  }
  try {
    return parseXml(xml);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError("rlist_from_hwloc: Invalid argument");
  }
}

function discovered(topology: XmlElement): NodeResources {
  const [node] = localResources(topology, 0, "", keepsDuplicateGpus()).nodes;
  return node?.resources ?? NodeResources.none;
}
