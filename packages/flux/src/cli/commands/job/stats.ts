import { textBody } from "@flux-ts/protocol/rpc/body";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";

export default command({
  name: "stats",
  summary: "Get current job stats",
  dialect: "A",
  usage: "[OPTIONS]...",
  args: { ignored: "[ARGS...]" },
  async run({ flux, out }) {
    const handle = await flux();
    const asText = { ...jobList.jobStats, response: textBody };
    out.line(await handle.call(asText).catch(failedTo("stats")));
  },
});
