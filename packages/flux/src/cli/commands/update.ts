import type { Flux } from "@flux-ts/client/handle";
import { jobEvents } from "@flux-ts/client/job-events";
import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { jobInfo, LookupFlag } from "@flux-ts/protocol/services/job-info";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../command.ts";
import { jobIdOf, jobIdText } from "../job-text.ts";
import { flag } from "../option.ts";
import { Real } from "../output/format-value.ts";
import { pythonJson } from "../output/python-json.ts";
import { isSameUpdate, jobspecUpdates } from "../update/jobspec-updates.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "update",
  summary: "update active jobs",
  dialect: "B",
  usage: "[-h] [-n] [-v] [--wait] JOBID KEY=VALUE [KEY=VALUE ...]",
  args: { jobid: "JOBID", updates: "KEY=VALUE..." },
  argHelp: { jobid: "Target jobid", updates: "Requested jobspec updates in KEY=VALUE form" },
  options: {
    dryRun: flag("-n, --dry-run", "Do not apply any updates, just emit update payload to stdout", {
      aliases: ["--dry"],
    }),
    verbose: flag("-v, --verbose", "Be more verbose. Log updated items after success."),
    wait: flag("--wait", "Wait for updates to appear in job eventlog before exiting"),
  },
  async run({ args, options, flux, out, err, env }) {
    const id = jobIdOf(args.jobid);
    const startTime = Date.now() / 1000;
    const shown = jobIdText(id, env);
    const duration = async (): Promise<number> => currentDuration(await flux(), id);
    const updates = await jobspecUpdates(args.updates, shown, duration);
    if (options.dryRun) {
      out.line(pythonJson(updates));
      return;
    }
    const handle = await flux();
    const plain = Object.fromEntries(
      Object.entries(updates).map(([key, value]) => [
        key,
        value instanceof Real ? value.value : (value as Json),
      ]),
    );
    await handle.call(jobManager.update, { id, updates: plain });
    if (options.wait) {
      for await (const { name, timestamp, context } of jobEvents(handle, id)) {
        const isNew = name === "jobspec-update" && timestamp > startTime;
        if (isNew && isSameUpdate(plain, context ?? {})) break;
      }
    }
    if (!options.verbose) return;
    for (const [key, value] of Object.entries(updates)) {
      const text = typeof value === "string" ? value : pythonJson(value);
      err.line(`flux-update: INFO: updated ${key} to ${text}`);
    }
  },
});

/** Duration in the jobspec with its updates, in seconds; 0 is unlimited. */
async function currentDuration(flux: Flux, id: JobId): Promise<number> {
  const request = { id, keys: ["jobspec"], flags: LookupFlag.JsonDecode | LookupFlag.Current };
  const { jobspec } = await flux.call(jobInfo.lookup, request).catch((error: unknown) => {
    throw isErrno(error, "ENOENT") ? new CommandError("No such file or directory") : error;
  });
  const found = isJsonObject(jobspec) && dottedValue(jobspec, "attributes.system.duration");
  return typeof found === "number" ? found : 0;
}
