import { FluxError } from "@flux-ts/protocol/rpc/error";
import { command } from "../command.ts";
import { withPythonPath } from "../python-path.ts";
import { CommandError } from "../usage-error.ts";

/** What `flux` may set or change for what it starts. */
const shown = [
  "LUA_PATH",
  "FLUX_EXEC_PATH",
  "PYTHONPATH",
  "LUA_CPATH",
  "PATH",
  "FLUX_CONNECTOR_PATH",
  "MANPATH",
  "FLUX_MODULE_PATH",
];

export default command({
  name: "env",
  summary: "Print the flux environment or execute COMMAND inside it",
  dialect: "A",
  builtin: true,
  prog: "flux",
  usage: "[OPTIONS...] [COMMAND...]",
  args: { command: "[COMMAND...]" },
  async run({ args, env: given, out, system }) {
    const env = withPythonPath(given, system.root);
    if (args.command.length > 0) {
      return system.run(args.command, { env }).catch((error: unknown) => {
        if (!(error instanceof FluxError)) throw error;
        throw new CommandError(`execvp (${args.command[0]}): ${error.message}`);
      });
    }
    for (const name of [...shown, "FLUX_URI", "FLUX_KVS_NAMESPACE"]) {
      if (env[name] !== undefined) out.line(`export ${name}="${env[name]}"`);
    }
  },
});
