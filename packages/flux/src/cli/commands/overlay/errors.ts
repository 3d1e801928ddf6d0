import { command } from "../../command.ts";
import { brokerErrors } from "../../overlay/broker-errors.ts";
import { hostsOf } from "../../overlay/host-map.ts";
import { brokerTree, hostMap } from "../../overlay/query.ts";
import { timeoutOf, timeoutOption } from "../../overlay/timeout-option.ts";

export default command({
  name: "errors",
  summary: "Summarize overlay errors",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS]",
  options: { timeout: timeoutOption },
  async run({ options, flux, out }) {
    const handle = await flux();
    const [tree, hosts] = await Promise.all([brokerTree(handle), hostMap(handle)]);
    const found = await brokerErrors(handle, tree, timeoutOf(options.timeout, tree.size));
    for (const [text, ranks] of found) out.line(`${hostsOf(ranks, hosts)}: ${text}`);
  },
});
