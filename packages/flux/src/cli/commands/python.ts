import { command } from "../command.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "python",
  summary: "Run the Python interpreter",
  dialect: "A",
  builtin: true,
  usage: "[--get-path|PYTHON ARGS...]",
  args: { args: "[ARGS...]" },
  rawArguments: true,
  async run({ args, env, out, system }) {
    const [first] = args.args;
    if (first === "--get-path") {
      const path = env.FLUX_PYTHONPATH_PREPEND;
      if (!path)
        throw new CommandError("flux-ts has no Python bindings; flux-core's are used if installed");
      out.line(path);
      return 0;
    }
    const prepend = env.FLUX_PYTHONPATH_PREPEND;
    const pythonPath = [prepend, env.PYTHONPATH].filter(Boolean).join(":");
    const extended = pythonPath ? { ...env, PYTHONPATH: pythonPath } : env;
    return system.run(["python3", ...args.args], { env: extended });
  },
});
