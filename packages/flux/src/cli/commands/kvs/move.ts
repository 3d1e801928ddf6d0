import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { copy, copyOptions, copyPlan } from "./copy-options.ts";

export default command({
  name: "move",
  summary: "Move source key to destination key",
  dialect: "A",
  usage: "[-S src-ns] [-D dst-ns] source destination",
  args: { keys: "[KEY...]" },
  options: copyOptions,
  async run({ args, options, flux, env }) {
    const plan = await copyPlan("move", args.keys, options, env, flux);
    const failed = failedToErrno("flux_kvs_move");
    await copy(plan).catch(failed);
    await plan.from.kvs.unlink(plan.from.key).catch(failed);
  },
});
