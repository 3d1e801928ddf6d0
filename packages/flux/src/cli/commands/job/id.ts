import {
  formatJobId,
  type JobId,
  type JobIdForm,
  jobIdForms,
  parseJobId,
} from "@flux-ts/protocol/job/fluid";
import { command } from "../../command.ts";
import { jobIdText } from "../../job-text.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "id",
  summary: "Convert jobid(s) to another form",
  dialect: "A",
  usage: "[OPTIONS] [id ...]",
  args: { ids: "[ID...]" },
  options: {
    to: text("-t, --to=dec|kvs|hex|dothex|words|f58", "Convert jobid to specified form", {
      initial: "dec",
    }),
  },
  async run({ args, options, out, stdin, env }) {
    const form = options.to as JobIdForm;
    let count = 0;
    const convert = (given: string): void => {
      const id = idOf(given);
      if (!jobIdForms.includes(form)) throw new CommandError(`Unknown to=${form}`);
      out.line(form === "f58" ? jobIdText(id, env, "c") : formatJobId(id, form));
      count++;
    };
    if (args.ids.length > 0) for (const each of args.ids) convert(each);
    else for await (const line of stdin.lines()) convert(line.trim());
    return count > 0 ? 0 : 1;
  },
});

function idOf(given: string): JobId {
  try {
    return parseJobId(given);
  } catch {
    throw new CommandError(`${given}: malformed input`);
  }
}
