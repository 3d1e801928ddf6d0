import { setDotted } from "@flux-ts/protocol/job/dotted-path";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { jobIdArgument } from "../../job-text.ts";
import { flag } from "../../option.ts";
import { jsonOrText } from "../../submission/key-values.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "memo",
  summary: "Post an RFC 21 memo to a job",
  dialect: "A",
  usage: "[--volatile] id key=value [key=value, ...]",
  args: { id: "ID", pairs: "KEY=VALUE..." },
  options: {
    volatile: flag("--volatile", "Memo will not appear in eventlog (will be lost on restart)"),
  },
  async run({ args, options, flux, stdin }) {
    const handle = await flux();
    const id = jobIdArgument(args.id);
    const memo: JsonObject = {};
    for (const pair of args.pairs) {
      const equals = pair.indexOf("=");
      if (equals < 0) throw new CommandError(`memo: no value for key=${pair}`);
      const given = pair.slice(equals + 1);
      const value = given === "-" ? await stdin.text() : given;
      setDotted(memo, pair.slice(0, equals), jsonOrText(value));
    }
    const request = { id, volatile: options.volatile, memo };
    await handle.call(jobManager.memo, request).catch(failedTo("memo"));
  },
});
