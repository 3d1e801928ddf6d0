import { command } from "../../command.ts";
import { jobIdArgument } from "../../job-text.ts";

export default command({
  name: "namespace",
  summary: "Convert job ids to job guest kvs namespace names",
  dialect: "A",
  usage: "[id ...]",
  args: { ids: "[ID...]" },
  async run({ args, out, stdin }) {
    const convert = (given: string): void => out.line(`job-${jobIdArgument(given)}`);
    if (args.ids.length > 0) for (const each of args.ids) convert(each);
    else for await (const line of stdin.lines()) convert(line.trim());
  },
});
