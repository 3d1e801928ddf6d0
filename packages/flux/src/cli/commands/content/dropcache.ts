import { content } from "@flux-ts/protocol/services/content";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";

export default command({
  name: "dropcache",
  summary: "Drop non-essential entries from local content cache",
  dialect: "A",
  usageName: "flux content dropcache",
  usage: "[OPTIONS]",
  async run({ flux }) {
    const handle = await flux();
    await handle.call(content.dropcache).catch(failedToErrno("content.dropcache"));
  },
});
