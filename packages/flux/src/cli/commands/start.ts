import { command } from "../command.ts";
import { startOptions } from "../start/start-options.ts";
import { UsageError } from "../usage-error.ts";

export default command({
  name: "start",
  summary: "start a Flux instance",
  dialect: "A",
  usage: "[OPTIONS] command ...",
  optionGroups: { wrap: "", testSize: "Options useful for testing:" },
  options: startOptions,
  args: { command: "[COMMAND...]" },
  async run(context) {
    const { options } = context;
    if (options.testSize === undefined) {
      const misplaced = context.occurrences.find(({ key }) => key.startsWith("test"));
      if (misplaced) {
        const name = misplaced.key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
        throw new UsageError(`--${name} only works with --test-size`, "none");
      }
      const { startBroker } = await import("../start/start-broker.ts");
      return startBroker({ ...context, command: context.args.command });
    }
    const { startTestInstance } = await import("../start/start-test-instance.ts");
    return startTestInstance({ ...context, command: context.args.command });
  },
});
