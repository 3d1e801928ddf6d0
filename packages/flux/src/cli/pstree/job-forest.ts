import { connect } from "@flux-ts/client/connect";
import type { Flux } from "@flux-ts/client/handle";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import type { JobFilter } from "@flux-ts/protocol/job/states";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JobListing } from "@flux-ts/protocol/services/job-list";
import { InstanceInfo } from "../jobs/instance-info.ts";
import { JobInfo, type ListingContext } from "../jobs/job-info.ts";
import { jobsById, queryJobs } from "../jobs/job-query.ts";
import type { Labels } from "./labels.ts";
import { TreeNode } from "./tree.ts";

export interface ForestOptions {
  readonly labels: Labels;
  readonly context: ListingContext;
  readonly filter: JobFilter;
  /** For the jobs of the outermost instance. */
  readonly rootFilter: JobFilter;
  readonly userid: number;
  readonly count: number;
  /** How many levels of instances to descend. */
  readonly levels: number;
  readonly combine: boolean;
}

/** Loads the jobs of an instance, and of the instances among them. */
export class JobForest {
  readonly #options: ForestOptions;

  constructor(options: ForestOptions) {
    this.#options = options;
  }

  /** Put the jobs of an instance below `root`; resolves to what went wrong. `ids`: only these. */
  async load(
    root: TreeNode,
    flux: Flux,
    ids: readonly { readonly text: string; readonly id: JobId }[],
  ): Promise<string[]> {
    if (ids.length > 0) {
      const { jobs, errors } = await jobsById(flux, ids, ["all"]);
      await this.#addAll(root, jobs, 0);
      return errors;
    }
    await this.#addAll(root, await this.#query(flux, this.#options.rootFilter), 0);
    return [];
  }

  #query(flux: Flux, filter: JobFilter): Promise<JobListing[]> {
    const { userid, count } = this.#options;
    return queryJobs(flux, { attrs: ["all"], filter, userid, maxEntries: count });
  }

  async #addAll(parent: TreeNode, jobs: readonly JobListing[], level: number): Promise<void> {
    const nodes = await Promise.all(jobs.map((job) => this.#nodeOf(job, level)));
    for (const node of nodes) parent.add(node, this.#options.combine);
  }

  async #nodeOf(listing: JobListing, level: number): Promise<TreeNode> {
    const { labels, context, levels, filter } = this.#options;
    const job = new JobInfo(listing, context);
    const uri = job.isRunning ? job.uri : undefined;
    if (uri !== undefined && labels.needsInstances) job.instance = await InstanceInfo.of(uri);
    const node = new TreeNode(labels.labelOf(job, uri !== undefined), labels.detailsOf(job));
    if (uri === undefined || level + 1 > levels) return node;
    try {
      await using flux = await connect(uri);
      await this.#addAll(node, await this.#query(flux, filter), level + 1);
    } catch (error) {
      // Its services may not be up yet, or it belongs to somebody else.
      if (!(error instanceof FluxError)) throw error;
    }
    return node;
  }
}
