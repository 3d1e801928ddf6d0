import { unwrapNone } from "@flux-ts/protocol/job/sign";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { jobInfo, LookupFlag } from "@flux-ts/protocol/services/job-info";
import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

const briefUsage = `Usage: flux job info id key
some useful keys are:
  J                    - signed jobspec
  R                    - allocated resources
  eventlog             - primary job eventlog
  jobspec              - job specification
  guest.exec.eventlog  - execution eventlog
  guest.input          - job input log
  guest.output         - job output log
Use flux job info -h to list available options
`;

export default command({
  name: "info",
  summary: "Display info for a job",
  dialect: "A",
  usage: "id key",
  args: { words: "[ARGS...]" },
  options: {
    original: flag("-o, --original", 'For key "jobspec", return the original submitted jobspec'),
    base: flag("-b, --base", 'For key "jobspec" or "R", do not apply updates from eventlog'),
  },
  async run({ args, options, flux, out, err }) {
    const [job, key, ...rest] = args.words;
    if (job === undefined || key === undefined || rest.length > 0) {
      err.write(briefUsage);
      return 1;
    }
    const id = jobIdArgument(job);
    const handle = await flux();
    const isUpdated = !options.base && (key === "R" || key === "jobspec");
    const isOriginal = options.original && key === "jobspec";
    const wanted = isOriginal ? "J" : key;
    const flags = isUpdated && !isOriginal ? LookupFlag.Current : 0;
    const found = await handle
      .call(jobInfo.lookup, { id, keys: [wanted], flags })
      .catch((error: unknown) => {
        throw error instanceof FluxError ? new CommandError(error.message) : error;
      });
    const value = String(found[wanted] ?? "");
    out.line(isOriginal ? unwrapped(value) : value);
    return 0;
  },
});

function unwrapped(signed: string): string {
  try {
    return new TextDecoder().decode(unwrapNone(signed).payload);
  } catch (error) {
    throw new CommandError(`Failed to unwrap J to get jobspec: ${(error as Error).message}`);
  }
}
