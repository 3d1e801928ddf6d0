import type { Flux } from "@flux-ts/client/handle";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { overlay } from "@flux-ts/protocol/services/overlay";
import type { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { command } from "../../command.ts";
import { counter, flag, int, list, text } from "../../option.ts";
import { wantsColor } from "../../output/color.ts";
import { colorOption } from "../../output/color-option.ts";
import { ranksOf } from "../../overlay/host-map.ts";
import { brokerTree, hostMap } from "../../overlay/query.ts";
import { type Health, StatusLines } from "../../overlay/status-lines.ts";
import { timeoutOf, timeoutOption } from "../../overlay/timeout-option.ts";
import { CommandError } from "../../usage-error.ts";

const states = ["full", "partial", "degraded", "lost", "offline"];

export default command({
  name: "status",
  summary: "Display overlay subtree health status",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS]",
  options: {
    rank: int("-r, --rank=NODEID", "Check health of subtree rooted at NODEID (default 0)", {
      initial: 0,
    }),
    verbose: counter(
      "-v, --verbose[=LEVEL]",
      "Increase reporting detail: 1=show time since current state was entered, 2=show round-trip RPC times.",
    ),
    timeout: timeoutOption,
    summary: flag("--summary", "Show only the root subtree status."),
    down: flag("--down", "Show only the partial/degraded subtrees."),
    noPretty: flag(
      "--no-pretty",
      "Do not indent entries and use line drawing characters to show overlay tree structure",
    ),
    noGhost: flag(
      "--no-ghost",
      "Do not fill in presumed state of nodes that are inaccessible behind offline/lost overlay parents",
    ),
    color: colorOption,
    highlight: list("-H, --highlight=TARGET", "Highlight one or more TARGETs and their ancestors."),
    wait: text(
      "-w, --wait=STATE",
      "Wait until subtree enters STATE before reporting (full, partial, offline, degraded, lost)",
    ),
  },
  async run({ options, flux, out, env }) {
    const color = wantsColor(options.color, out, env);
    const { rank, verbose, wait, noPretty, noGhost, summary, down } = options;
    if (wait !== undefined && !states.includes(wait)) {
      throw new CommandError("invalid --wait state");
    }
    const handle = await flux();
    const [tree, hosts] = await Promise.all([brokerTree(handle), hostMap(handle)]);
    const highlight = highlighted(options.highlight, hosts, tree.size);
    const timeoutSeconds = timeoutOf(options.timeout);
    const ask = (asked: number): Promise<Health> =>
      wait !== undefined && asked === rank
        ? healthOnce(handle, rank, wait, timeoutSeconds)
        : handle.call(overlay.health, undefined, { nodeid: asked, timeoutSeconds });
    const lines = new StatusLines(
      tree,
      {
        verbose,
        color,
        isPretty: !noPretty,
        withGhosts: !noGhost,
        highlight,
        show: summary ? "summary" : down ? "down" : "all",
      },
      ask,
      () => performance.now(),
    );
    for await (const line of lines.of(rank)) out.line(line);
  },
});

/** How a broker's subtree is, once it is in a state. */
async function healthOnce(
  flux: Flux,
  rank: number,
  state: string,
  timeoutSeconds: number | undefined,
): Promise<Health> {
  const changes = flux.stream(overlay.health, undefined, { nodeid: rank });
  const timer =
    timeoutSeconds === undefined
      ? undefined
      : setTimeout(() => changes.finish(new FluxError("ETIMEDOUT")), timeoutSeconds * 1000);
  try {
    for await (const health of changes) if (health.status === state) return health;
    throw new FluxError("ENODATA");
  } finally {
    clearTimeout(timer);
  }
}

function highlighted(targets: readonly string[], hosts: Hostlist, size: number): Idset {
  let ranks = new Idset();
  for (const target of targets) {
    try {
      ranks = ranks.union(ranksOf(target, hosts));
    } catch (error) {
      throw new CommandError(`Error decoding ${target}: ${(error as Error).message}`);
    }
  }
  const all = Idset.range(0, size - 1);
  const unknown = ranks.subtract(all);
  if (unknown.isEmpty) return ranks;
  const what = unknown.size > 1 ? "ranks" : "rank";
  throw new CommandError(`--highlight: ${what} ${unknown} not in set ${all}`);
}
