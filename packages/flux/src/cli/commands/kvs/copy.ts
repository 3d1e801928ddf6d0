import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { copy, copyOptions, copyPlan } from "./copy-options.ts";

export default command({
  name: "copy",
  summary: "Copy source key to destination key",
  dialect: "A",
  usage: "[-S src-ns] [-D dst-ns] source destination",
  args: { keys: "[KEY...]" },
  options: copyOptions,
  async run({ args, options, flux, env }) {
    const plan = await copyPlan("copy", args.keys, options, env, flux);
    await copy(plan).catch(failedToErrno("flux_kvs_copy"));
  },
});
