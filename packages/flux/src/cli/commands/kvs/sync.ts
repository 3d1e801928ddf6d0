import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { kvsOf } from "./options.ts";

export default command({
  name: "sync",
  summary: "sync content and checkpoint to disk",
  dialect: "A",
  usage: "[OPTIONS]...",
  async run({ flux, env }) {
    const kvs = kvsOf(await flux(), undefined, env);
    await kvs.sync().catch(failedToErrno("flux_kvs_commit"));
  },
});
