import type { Flux } from "@flux-ts/client/handle";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { failedTo } from "../../errors.ts";
import { flag, text } from "../../option.ts";
import type { Output } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";

export const leader = { nodeid: 0 };

type QueueStatus = ResponseOf<typeof jobManager.queueStatus>;
export interface QueueState extends QueueStatus {
  /** Undefined for the anonymous queue. */
  readonly queue: string | undefined;
}

/** Options of the subcommands that act on one queue or all. */
export const queueOptions = {
  /** The way to name a queue before it became a positional. */
  oldQueue: text("-q, --queue=NAME", "", { hidden: true }),
};
export const changeOptions = {
  ...queueOptions,
  all: flag("-a, --all", "Force command to apply to all queues if none specified"),
  quiet: flag("--quiet", "Display only errors"),
  verbose: flag("-v, --verbose", "Display more detail about internal job manager state"),
};

export const queueArgs = { queue: "[QUEUE]" } as const;

/** The queue that was named, by position or by option. */
export function queueNamed(
  args: { readonly queue: string | undefined },
  { oldQueue }: { readonly oldQueue: string | undefined },
): string | undefined {
  if (oldQueue !== undefined && args.queue !== undefined) {
    throw new CommandError(`Conflicting queues specified as --queue=${oldQueue} and ${args.queue}`);
  }
  return oldQueue ?? args.queue;
}

/** States of the named queue, or of all (also with `verbose`). */
export async function queueStates(
  flux: Flux,
  queue: string | undefined,
  verbose: boolean,
): Promise<QueueState[]> {
  const { queues } = await flux.call(jobManager.queueList).catch(failedTo("list"));
  const all = queues.length > 0 ? queues : [queue];
  const names = queue === undefined || verbose ? all : [queue];
  return Promise.all(
    names.map(async (name) => ({
      queue: name,
      ...(await flux
        .call(jobManager.queueStatus, name === undefined ? {} : { name }, leader)
        .catch(failedTo("status"))),
    })),
  );
}

const prefixOf = ({ queue }: QueueState): string => (queue === undefined ? "" : `${queue}: `);

/** `Job submission is enabled`. */
export function submissionLine(state: QueueState): string {
  const what = state.enable ? "enabled" : `disabled: ${state.disable_reason}`;
  return `${prefixOf(state)}Job submission is ${what}`;
}

/** `Scheduling is started`. */
export function schedulingLine(state: QueueState): string {
  const reason = state.stop_reason ? `: ${state.stop_reason}` : "";
  return `${prefixOf(state)}Scheduling is ${state.start ? "started" : `stopped${reason}`}`;
}

/** How many jobs wait and run. */
export async function printAllocations(flux: Flux, out: Output): Promise<void> {
  const query = await flux.call(jobManager.allocQuery).catch(failedTo("alloc-query"));
  out.line(`${query.queue_length} alloc requests queued`);
  out.line(`${query.alloc_pending} alloc requests pending to scheduler`);
  out.line(`${query.running} running jobs`);
}

/** Refuse to act on all queues unless that was said. */
export async function checkAll(flux: Flux, queue: string | undefined, all: boolean): Promise<void> {
  if (queue !== undefined || all) return;
  const { queues } = await flux.call(jobManager.queueList);
  if (queues.length > 0) {
    throw new CommandError("Named queues are defined. Specify queues or use --all.");
  }
}
