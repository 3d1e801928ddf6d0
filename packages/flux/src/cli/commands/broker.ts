import { command } from "../command.ts";
import { brokerProgram } from "../start/broker-command.ts";

export default command({
  name: "broker",
  summary: "Invoke Flux message broker daemon",
  dialect: "A",
  rawArguments: true,
  args: { words: "[ARG...]" },
  run: ({ args, system }) => system.become(brokerProgram(system.root), args.words),
});
