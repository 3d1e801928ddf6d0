import { command } from "../command.ts";
import { pythonPath, withPythonPath } from "../python-path.ts";

export default command({
  name: "python",
  summary: "Run the Python interpreter",
  dialect: "A",
  builtin: true,
  usage: "[--get-path|PYTHON ARGS...]",
  args: { args: "[ARGS...]" },
  rawArguments: true,
  async run({ args, env, out, system }) {
    if (args.args[0] === "--get-path") {
      out.line(pythonPath(system.root));
      return 0;
    }
    return system.run(["python3", ...args.args], { env: withPythonPath(env, system.root) });
  },
});
