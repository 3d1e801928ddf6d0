import type { Flux } from "@flux-ts/client/handle";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { durationOption } from "../../duration-option.ts";
import { failedTo } from "../../errors.ts";
import { jobIdArgument } from "../../job-text.ts";
import { flag, int } from "../../option.ts";

const leader = { nodeid: 0 };

export default command({
  name: "purge",
  summary: "Purge the oldest inactive jobs",
  dialect: "A",
  usage: "[--age-limit=FSD] [--num-limit=N] [--batch=COUNT] [--force] [ID ...]",
  args: { ids: "[ID...]" },
  options: {
    ageLimit: durationOption(
      "--age-limit=FSD",
      "Purge jobs that became inactive beyond age-limit.",
    ),
    numLimit: int("--num-limit=COUNT", "Purge oldest inactive jobs until COUNT are left.", {
      initial: -1,
    }),
    force: flag("-f, --force", "Perform the irreversible purge."),
    batch: int("--batch=COUNT", "Limit number of jobs per request (default 50).", {
      initial: 50,
    }),
  },
  async run({ args, options, flux, out }) {
    const { force } = options;
    const handle = await flux();
    const total =
      args.ids.length > 0
        ? await purgeIds(handle, args.ids, force)
        : await purgeRange(handle, options);
    const { inactive_jobs: left } = await handle.call(jobManager.statsGet, undefined, leader);
    out.line(
      force
        ? `purged ${total} inactive jobs, ${left} remaining`
        : `use --force to purge ${total} of ${left} inactive jobs`,
    );
  },
});

async function purgeIds(flux: Flux, ids: readonly string[], force: boolean): Promise<number> {
  const answers = await Promise.all(
    ids.map((id) =>
      flux
        .call(jobManager.purgeId, { id: jobIdArgument(id), force: force ? 1 : 0 }, leader)
        .catch(failedTo("purge")),
    ),
  );
  return answers.reduce((sum, { count }) => sum + count, 0);
}

interface Range {
  readonly ageLimit: number | undefined;
  readonly numLimit: number;
  readonly batch: number;
  readonly force: boolean;
}

async function purgeRange(flux: Flux, range: Range): Promise<number> {
  const { ageLimit = -1, numLimit, batch, force } = range;
  let total = 0;
  for (;;) {
    const request = { age_limit: ageLimit, num_limit: numLimit, batch, force };
    const { count } = await flux.call(jobManager.purge, request, leader).catch(failedTo("purge"));
    total += count;
    if (!force || count < batch) return total;
  }
}
