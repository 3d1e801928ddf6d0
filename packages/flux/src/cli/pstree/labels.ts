import { headingsOf } from "../jobs/job-fields.ts";
import type { JobInfo } from "../jobs/job-info.ts";
import { OutputFormat } from "../output/format.ts";
import { CommandError } from "../usage-error.ts";

/** Named formats of the details before the tree. */
export const detailFormats: Readonly<Record<string, string>> = {
  default:
    "{id.f58:>12} {username:<8.8} {status_abbrev:>2.2} {ntasks:>6h} {nnodes:>6h} {runtime!F:>8h}",
  resources: [
    "{id.f58:>12}",
    ...["nnodes", "ncores", "ngpus"].flatMap((what) => [
      `{instance.resources.all.${what}:>5}`,
      `{instance.resources.allocated.${what}:>5}`,
    ]),
  ].join(" "),
  progress:
    "{id.f58:>12} {ntasks:>6h} {instance.stats.total:>6} {instance.progress!P:>5} {instance.utilization!P:>5} {instance.gpu_utilization!P:>5} {runtime!H:>10}",
  stats: "{id.f58:>12} {instance.stats:^25} {runtime!H:>10}",
};

export interface LabelOptions {
  readonly all: boolean;
  readonly label: string | undefined;
  readonly parentLabel: string | undefined;
  readonly parentIds: boolean;
  readonly extended: boolean;
  readonly details: string | undefined;
  readonly detailFormat: string | undefined;
}

const fieldOf = (job: JobInfo, field: string) => job.field(field);

/** Words jobs as the options ask for. */
export class Labels {
  readonly #label: OutputFormat;
  readonly #parent: OutputFormat;
  readonly #details: OutputFormat | undefined;

  constructor(options: LabelOptions) {
    const { all, label, parentLabel, parentIds } = options;
    const parent = parentLabel ?? label ?? "{name}";
    this.#label = parsed(label ?? (all ? "{name}:{status_abbrev}" : "{name}"));
    this.#parent = parsed(parentIds ? `{id.f58} ${parent}` : parent);
    const details = detailsOf(options);
    this.#details = details === undefined ? undefined : parsed(details);
  }

  get hasDetails(): boolean {
    return this.#details !== undefined;
  }

  get header(): string {
    return this.#details?.header() ?? "";
  }

  /** Whether instances have to be asked about themselves. */
  get needsInstances(): boolean {
    const all = [this.#label, this.#parent, ...(this.#details ? [this.#details] : [])];
    return all.some(({ fields }) => fields.some((field) => field.startsWith("instance.")));
  }

  /** `isParent`: an instance that is shown with what is in it. */
  labelOf(job: JobInfo, isParent: boolean): string {
    return (isParent ? this.#parent : this.#label).format(job, fieldOf);
  }

  detailsOf(job: JobInfo): string {
    return this.#details?.format(job, fieldOf) ?? "";
  }
}

function detailsOf({ extended, details, detailFormat }: LabelOptions): string | undefined {
  if (!extended && !details && !detailFormat) return undefined;
  if (detailFormat) return detailFormat;
  const name = details || "default";
  const found = Object.hasOwn(detailFormats, name) ? detailFormats[name] : undefined;
  if (found === undefined) throw new CommandError(`Unknown --details format '${name}'`);
  return found;
}

function parsed(format: string): OutputFormat {
  try {
    return new OutputFormat(format, headingsOf(format));
  } catch (error) {
    throw new CommandError((error as Error).message);
  }
}
