import { content } from "@flux-ts/protocol/services/content";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";

export default command({
  name: "flush",
  summary: "Flush dirty entries from local content cache",
  dialect: "A",
  usageName: "flux content flush",
  usage: "[OPTIONS]",
  async run({ flux }) {
    const handle = await flux();
    await handle.call(content.flush).catch(failedToErrno("content.flush"));
  },
});
