import { waitJob } from "@flux-ts/client/job";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { command } from "../../command.ts";
import { jobIdArgument, jobIdText } from "../../job-text.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "wait",
  summary: "Wait for job(s) to complete.",
  dialect: "A",
  usage: "[--all] [id]",
  args: { id: "[ID]" },
  options: {
    all: flag("-a, --all", "Wait for all (waitable) jobs"),
    verbose: flag("-v, --verbose", "Emit a line of output for all jobs, not just failing ones"),
  },
  async run({ args, options, flux, out, err, env }) {
    const id = args.id === undefined ? undefined : jobIdArgument(args.id);
    if (id !== undefined && options.all) {
      throw new CommandError("jobid not supported with --all: Success");
    }
    const handle = await flux();
    if (!options.all) {
      const result = await waitJob(handle, id).catch((error: unknown) => {
        if (!(error instanceof FluxError)) throw error;
        throw new CommandError(error.message, isErrno(error, "ECHILD") ? 2 : 1);
      });
      if (id === undefined) out.line(jobIdText(result.id, env, "c"));
      if (!result.success) throw new CommandError(result.errstr);
      return 0;
    }
    let code = 0;
    for (;;) {
      const result = await waitJob(handle).catch((error: unknown) => {
        if (isErrno(error, "ECHILD")) return undefined;
        throw error;
      });
      if (!result) return code;
      const job = jobIdText(result.id, env, "c");
      if (!result.success) {
        err.line(`${job}: ${result.errstr}`);
        code = 1;
      } else if (options.verbose) {
        err.line(`${job}: job completed successfully`);
      }
    }
  },
});
