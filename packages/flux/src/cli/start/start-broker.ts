import { brokerArguments, brokerCommand, brokerProgram } from "./broker-command.ts";
import type { StartRequest } from "./start-options.ts";

/**
 * Without `--test-size`: become one broker, of an instance of its own or of the one that whoever
 * launched this process makes (PMI, configuration).
 */
export async function startBroker(request: StartRequest): Promise<number> {
  const { options, system, error } = request;
  const program = brokerProgram(system.root);
  const args = [...(await brokerArguments(request)), ...request.command];
  const argv = [...options.wrap, ...brokerCommand(system.root), ...args];
  if (options.verbose > 0) error(argv.join(" "));
  if (options.noexec) return 0;
  if (options.wrap.length > 0) return system.run(argv);
  return system.become(program, args);
}
