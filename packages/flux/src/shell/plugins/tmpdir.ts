import { mkdirSync } from "node:fs";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin } from "../plugin.ts";
import type { Shell } from "../shell.ts";
import { ShellFailure } from "../shell-failure.ts";

/** A directory for the job on each node, `FLUX_JOB_TMPDIR`, that lives as long as the job. */
export default defineShellPlugin({
  name: "tmpdir",
  load(shell) {
    let path: string | undefined;
    return {
      "shell.init"() {
        path = makeDirectory(shell);
        shell.env.set("FLUX_JOB_TMPDIR", path);
      },
      "shell.close"() {
        if (path !== undefined) shell.site.directories.remove(path);
      },
      mustache: { tmpdir: () => path },
    };
  },
});

function makeDirectory(shell: Shell): string {
  let parent = shell.env.get("TMPDIR");
  if (parent !== undefined && !make(parent)) {
    const text = `Unable to create TMPDIR=${parent}, resetting TMPDIR=/tmp`;
    shell.log(LogLevel.Warn, text, "tmpdir");
    parent = "/tmp";
    shell.env.set("TMPDIR", parent);
  }
  const name = `jobtmp-${shell.rank}-${shell.jobid}`;
  // Guests may not write to the broker's directory.
  for (const directory of [shell.site.attribute("rundir"), parent ?? "/tmp"]) {
    if (directory === undefined) continue;
    if (shell.site.directories.make(directory, name)) return `${directory}/${name}`;
  }
  throw new ShellFailure(1, "error creating FLUX_JOB_TMPDIR");
}

/** True if the directory is there now. */
function make(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST";
  }
}
