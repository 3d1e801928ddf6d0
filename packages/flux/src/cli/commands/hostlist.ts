import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { command } from "../command.ts";
import { flag, int, text, value } from "../option.ts";
import { UsageError } from "../usage-error.ts";
import { combined, narrowed } from "./hostlist/combine.ts";
import { findHosts, nthHosts } from "./hostlist/indices.ts";
import { hostSources } from "./hostlist/sources.ts";

const epilog = `SOURCES may include:
instance     hosts from the broker 'hostlist' attribute.
jobid        hosts assigned to a job
local        hosts assigned to current job if FLUX_JOB_ID is set, otherwise
             returns the 'instance' hostlist
avail[able]  instance hostlist minus those nodes down or drained
stdin, '-'   read a list of hosts on stdin
hosts        literal list of hosts

The default when no SOURCES are supplied is 'stdin', unless the -l, --local
option is used, in which case the default is 'local'.`;

/** Options that exclude each other, by the key in the declaration. */
const exclusive = [
  { expand: "-e/--expand", count: "-c/--count" },
  { intersect: "-i/--intersect", minus: "-m/--minus", xor: "-X/--xor" },
];

export default command({
  name: "hostlist",
  summary: "fetch, combine, and manipulate Flux hostlists",
  dialect: "B",
  usage: [
    "[-h] [-e] [-d S] [-c] [-n [-]IDS] [-F HOSTS] [-L N] [-S]",
    "                     [-x IDS|HOSTS] [-u] [-i | -m | -X] [-f] [-l] [-q]",
    "                     [SOURCES ...]",
  ].join("\n"),
  epilog,
  args: { sources: "[SOURCES...]" },
  argHelp: { sources: "(optional) One or more hostlist sources" },
  options: {
    expand: flag("-e, --expand", "Expand hostlist using defined output delimiter"),
    delimiter: text(
      "-d, --delimiter=S",
      "Set output delimiter for expanded hostlist (default=' ')",
      { initial: " " },
    ),
    count: flag("-c, --count", "Print the total number of hosts"),
    nth: text("-n, --nth=[-]IDS", "Output hosts at indices in idset IDS (-IDS to index from end)"),
    find: text(
      "-F, --find=HOSTS",
      "Output indices of HOSTS in target in hostlist. Fails if any host is not found.",
    ),
    limit: int("-L, --limit=N", "Output at most N hosts (-N for the last N hosts)"),
    sort: flag("-S, --sort", "Return sorted result"),
    exclude: value(
      "-x, --exclude=IDS|HOSTS",
      "Exclude all occurrences of HOSTS or indices from final result",
      parseHosts,
    ),
    union: flag(
      "-u, --union",
      "Return only unique hosts in the final hostlist. Without other options, this is the same as the union of all hostlist args (default mode is append).",
      { aliases: ["--unique"] },
    ),
    intersect: flag("-i, --intersect", "Return the intersection of all hostlists"),
    minus: flag("-m, --minus", "Subtract all hostlist args from first argument"),
    xor: flag("-X, --xor", "Return the symmetric difference of all hostlists"),
    fallback: flag(
      "-f, --fallback",
      "Fallback to treating jobids that are not found as hostnames (for hostnames that are also valid jobids e.g. f1, fuzz100, etc)",
    ),
    local: flag("-l, --local", "Set the default source to 'local' instead of 'stdin'"),
    quiet: flag("-q, --quiet", "No output. Exit with nonzero exit status if hostlist is empty"),
  },
  async run({ args, options, occurrences, out, ...surroundings }) {
    refuseTogether(occurrences);
    const implied = options.local ? "local" : "stdin";
    const sources = args.sources.length > 0 ? args.sources : [implied];
    const lists = await hostSources(sources, options.fallback, surroundings);
    let hosts = narrowed(combined(lists, options), options);
    if (options.nth !== undefined) hosts = nthHosts(hosts, options.nth);
    const line = lineOf(hosts, options);
    if (line !== undefined && !options.quiet) out.line(line);
    return options.quiet && hosts.isEmpty ? 1 : 0;
  },
});

interface Shown {
  readonly find: string | undefined;
  readonly count: boolean;
  readonly expand: boolean;
  readonly delimiter: string;
}

/** What is printed; nothing for an empty list. */
function lineOf(hosts: Hostlist, { find, count, expand, delimiter }: Shown): string | undefined {
  if (find) return findHosts(hosts, find).join(" ");
  if (count) return `${hosts.size}`;
  if (hosts.isEmpty) return undefined;
  return expand ? [...hosts].join(delimiter.replaceAll("\\n", "\n")) : hosts.encode();
}

function parseHosts(given: string): Hostlist {
  try {
    return Hostlist.parse(given);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new UsageError(`invalid Hostlist value: '${given}'`);
  }
}

function refuseTogether(occurrences: readonly { readonly key: string }[]): void {
  for (const names of exclusive as Record<string, string>[]) {
    const used = [...new Set(occurrences.map(({ key }) => key))].filter((key) => names[key]);
    const [first, second] = used;
    if (first === undefined || second === undefined) continue;
    throw new UsageError(`argument ${names[second]}: not allowed with argument ${names[first]}`);
  }
}
