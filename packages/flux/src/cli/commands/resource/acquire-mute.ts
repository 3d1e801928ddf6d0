import { resource } from "@flux-ts/protocol/services/resource";
import { command } from "../../command.ts";

export default command({
  name: "acquire-mute",
  summary: "tell the scheduler no more of changes",
  dialect: "B",
  usage: "[-h]",
  async run({ flux }) {
    const handle = await flux();
    await handle.call(resource.acquireMute, undefined, { nodeid: 0 });
  },
});
