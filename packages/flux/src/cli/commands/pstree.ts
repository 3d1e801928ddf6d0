import { command } from "../command.ts";
import type { Environment } from "../environment.ts";
import { jobIdOf } from "../job-text.ts";
import { filterOf } from "../jobs/job-query.ts";
import { listingContext } from "../jobs/listing-context.ts";
import { flag, int, text } from "../option.ts";
import type { Output } from "../output/output.ts";
import { JobForest } from "../pstree/job-forest.ts";
import { detailFormats, Labels } from "../pstree/labels.ts";
import { rootJob } from "../pstree/root-job.ts";
import { TreeNode, treeLines } from "../pstree/tree.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "pstree",
  summary: "display job hierarchies",
  dialect: "B",
  usage: `[-h] [-a] [-c N] [-f STATE|RESULT] [-x] [-l] [-L N] [-p]
                   [-n] [-X] [-o FORMAT] [--parent-label FORMAT]
                   [--detail-format FORMAT] [-d NAME] [-C] [--ascii]
                   [--skip-root [yes|no]]
                   [JOBID ...]`,
  args: { jobids: "[JOBID...]" },
  argHelp: { jobids: "Limit output to specific jobids" },
  options: {
    all: flag("-a, --all", "Include all jobs for current user in all states"),
    count: int("-c, --count=N", "Limit to N jobs per instance (default 1000)", { initial: 1000 }),
    filter: text("-f, --filter=STATE|RESULT", "list jobs with specific job state or result", {
      initial: "running",
    }),
    extended: flag("-x, --extended", "print extended details before tree output"),
    long: flag("-l, --long", "do not truncate long lines to terminal width"),
    level: int("-L, --level=N", "only descend N levels", { initial: 999 }),
    parentIds: flag("-p, --parent-ids", "include jobids in parent labels"),
    noHeader: flag("-n, --no-header", "Suppress header with -x, --extended"),
    noCombine: flag("-X, --no-combine", "disable combination of identical children"),
    label: text("-o, --label=FORMAT", "change label format (default='{name}')"),
    parentLabel: text("--parent-label=FORMAT", "change label format for parent only"),
    detailFormat: text(
      "--detail-format=FORMAT",
      "specify output format for extended details (implies -x, --extended)",
    ),
    details: text(
      "-d, --details=NAME",
      `Select a named extended details format (${Object.keys(detailFormats).join(",")})`,
    ),
    compact: flag("-C, --compact", "Use compact tree connectors"),
    ascii: flag("--ascii", "Use ASCII character tree connectors"),
    skipRoot: text(
      "--skip-root=[yes|no]",
      "suppress or include the enclosing instance in output. Default is 'no' unless the -x, --extended or -d, --details options are used.",
    ),
  },
  async run({ args, options, occurrences, flux, out, err, env, system, warn }) {
    const ids = args.jobids.map((given) => ({ text: given, id: jobIdOf(given) }));
    const skipGiven = yesOrNo(options.skipRoot);
    if (ids.length > 0 && occurrences.some(({ key }) => ["all", "count", "filter"].includes(key))) {
      warn("filtering options ignored with jobid list");
    }
    if (options.ascii && options.compact) {
      throw new CommandError("Choose only one of --ascii, --compact");
    }
    const labels = new Labels(options);
    const skipRoot = skipGiven ?? (labels.hasDetails || ids.length > 0);
    const running = filterOf(["running"]);
    const filter = options.all
      ? filterOf(["pending,running,inactive"])
      : filterOf([options.filter]);
    const handle = await flux();
    const context = listingContext(env);
    const root = skipRoot ? undefined : await rootJob(handle, context, labels.needsInstances);
    const tree = root
      ? new TreeNode(labels.labelOf(root, true), labels.detailsOf(root))
      : new TreeNode(".");
    const forest = new JobForest({
      labels,
      context,
      filter,
      // Without its root, the tree is that of the jobs that run.
      rootFilter: skipRoot ? running : filter,
      userid: system.uid,
      count: options.count,
      levels: options.level,
      combine: !options.noCombine,
    });
    const errors = options.level < 0 ? [] : await forest.load(tree, handle, ids);
    for (const each of errors) err.line(each);
    const style = options.compact ? "compact" : options.ascii ? "ascii" : "box";
    const width = options.long ? undefined : widthOf(out, env);
    if (labels.hasDetails && !options.noHeader) out.line(labels.header);
    for (const node of skipRoot ? tree.children : [tree]) {
      for (const line of treeLines(node, style, width)) out.line(line);
    }
  },
});

function yesOrNo(given: string | undefined): boolean | undefined {
  if (given === undefined) return undefined;
  if (given === "yes" || given === "no") return given === "yes";
  throw new CommandError("--skip-root requires either 'yes' or 'no'");
}

/** Columns of the terminal; where there is none, a generous guess. */
function widthOf(out: Output, env: Environment): number {
  return out.isTerminal || Number(env.COLUMNS) > 0 ? out.columns : 132;
}
