import { command } from "../../command.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

/**
 * rc files are Python programs against flux-core's bindings, so flux-core's own reader runs them where
 * its bindings are installed; modules and services are ours.
 */
const reader = `
import sys
try:
    from flux.modprobe import Modprobe
except ImportError as error:
    sys.exit(f"flux-modprobe: ERROR: rc files need flux-core's Python bindings: {error}")
path, verbose, dry_run = sys.argv[1], sys.argv[2] == "1", sys.argv[3] == "1"
reader = Modprobe(verbose=verbose, dry_run=dry_run)
reader.configure_modules()
reader.read_rcfile(path)
reader.run(reader.get_deps(reader.solve(reader.active_tasks)))
sys.exit(reader.exitcode)
`;

export default command({
  name: "run",
  summary: "Run tasks from an rc file",
  dialect: "B",
  args: { file: "FILE" },
  argHelp: { file: "rc file: a Python program with a setup function and tasks" },
  options: {
    verbose: flag("-v, --verbose", "Increase verbosity"),
    dryRun: flag("--dry-run", "Show what would be done"),
  },
  run({ args, options, env, system }) {
    if (!args.file.endsWith(".py")) {
      throw new CommandError(`${args.file}: expected an rc file that ends in .py`);
    }
    const words = [args.file, options.verbose ? "1" : "0", options.dryRun ? "1" : "0"];
    return system.run(["python3", "-c", reader, ...words], { env });
  },
});
