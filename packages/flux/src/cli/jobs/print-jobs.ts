import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import { nearbyUri } from "@flux-ts/client/nearby-uri";
import type { OutputFormat } from "../output/format.ts";
import type { Output } from "../output/output.ts";
import type { PythonValue } from "../output/python-json.ts";
import type { JobInfo } from "./job-info.ts";
import { jobJson } from "./job-json.ts";
import { type JobStats, jobStats } from "./job-stats.ts";

export interface Printing {
  readonly out: Output;
  readonly width: number | undefined;
  readonly color: boolean;
  readonly stats: boolean;
  /** Descend into jobs that are instances, so many levels. 0: do not. */
  readonly levels: number;
  /** Whether to descend into this job. */
  isTarget(job: JobInfo): boolean;
  /** The jobs of an instance. */
  fetch(flux: Flux): Promise<JobInfo[]>;
}

const reset = "\x1b[0;0m";
const fieldOf = (job: JobInfo, field: string) => job.field(field);

function colorOf(job: JobInfo): string {
  switch (job.result) {
    case "COMPLETED":
      return "\x1b[01;32m";
    case "FAILED":
    case "TIMEOUT":
      return "\x1b[01;31m";
    case "CANCELED":
      return "\x1b[37m";
    default:
      return job.uri === undefined ? "" : "\x1b[01;34m";
  }
}

/** Lines of jobs, and below them those of the instances among them. */
export async function printJobs(
  jobs: readonly JobInfo[],
  format: OutputFormat,
  printing: Printing,
  path = "",
  level = 0,
): Promise<void> {
  const { out, width, color } = printing;
  const targets: JobInfo[] = [];
  for (const { text, item } of format.lines(jobs, fieldOf, { noHeader: true, width })) {
    const paint = color && item ? colorOf(item) : "";
    out.write(paint === "" ? `${text}\n` : `${paint}${text}\n${reset}`);
    if (item && level < printing.levels && printing.isTarget(item)) targets.push(item);
  }
  const found = await Promise.all(targets.map((job) => jobsOf(job, printing)));
  for (const [i, job] of targets.entries()) {
    const { children, stats } = found[i]!;
    const below = `${path === "" ? "" : `${path}/`}${job.f58}`;
    out.line(`\n${below}:`);
    if (stats) out.line(statsLine(stats));
    await printJobs(children, format, printing, below, level + 1);
  }
}

function statsLine({ running, successful, failed, pending }: JobStats): string {
  return `${running} running, ${successful} completed, ${failed} failed, ${pending} pending`;
}

async function jobsOf(job: JobInfo, { fetch, stats }: Printing) {
  try {
    await using flux = await connect(nearbyUri(job.uri!));
    const children = await fetch(flux);
    return { children, stats: stats ? await jobStats(flux) : undefined };
  } catch {
    // Its services may not be up yet, or it belongs to somebody else.
    return { children: [], stats: undefined };
  }
}

/** Jobs for `--json`, with those of the instances among them as `jobs`. */
export async function jobsJson(
  jobs: readonly JobInfo[],
  printing: Printing,
): Promise<PythonValue[]> {
  return Promise.all(
    jobs.map(async (job) => {
      const json = jobJson(job);
      if (printing.levels > 0 && printing.isTarget(job)) {
        json.jobs = (await jobsOf(job, printing)).children.map(jobJson);
      }
      return json;
    }),
  );
}
