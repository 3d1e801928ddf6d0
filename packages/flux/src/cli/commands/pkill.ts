import { Job } from "@flux-ts/client/job";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { command } from "../command.ts";
import { jobIdText } from "../job-text.ts";
import { findJobs, searchOptions } from "../jobs/job-search.ts";
import { flag } from "../option.ts";

export default command({
  name: "pkill",
  summary: "cancel jobs by name or id range",
  dialect: "B",
  usage: `[-h] [-A] [-u [USERNAME|UID]] [-f STATE|RESULT] [-q QUEUE,...]
                  [-c N] [--max-entries N] [--wait]
                  EXPRESSION [EXPRESSION ...]`,
  args: { expressions: "EXPRESSION..." },
  argHelp: { expressions: "job name pattern or id range" },
  options: {
    a: flag("-a", "Target jobs in all states", { hidden: true }),
    ...searchOptions,
    wait: flag("--wait", "Wait for jobs to finish after cancel"),
  },
  async run({ args, options, flux, err, env, system, error }) {
    const handle = await flux();
    const search = { ...options, anyState: options.a, ownUid: system.uid };
    const found = await findJobs(handle, args.expressions, search);
    let canceled = 0;
    await Promise.all(
      found.map(async ({ id }) => {
        const job = new Job(handle, id);
        try {
          await job.cancel();
          canceled++;
          if (options.wait) await job.result();
        } catch (reason) {
          if (!(reason instanceof FluxError)) throw reason;
          error(`${jobIdText(id, env)}: cancel: [Errno ${reason.errnum}] ${reason.message}`);
        }
      }),
    );
    err.line(`flux-pkill: INFO: Canceled ${canceled} job${canceled === 1 ? "" : "s"}`);
    return canceled === found.length ? 0 : 1;
  },
});
