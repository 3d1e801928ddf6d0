import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin } from "../../plugin.ts";
import { archiveEntries, extractEntries } from "./extract.ts";

/**
 * `attributes.system.files`: files that travel with the jobspec, such as the script of a batch job.
 */
export default defineShellPlugin({
  name: "files",
  load(shell) {
    const { files } = shell.job.jobspec.attributes.system ?? {};
    if (files === undefined) return undefined;
    return {
      async "shell.init"() {
        const entries = archiveEntries(files);
        for (const { path, file } of entries) {
          const mode = (file.mode & 0o7777).toString(8).padStart(4, "0");
          const text = `extracting file ${path} size=${file.size ?? -1} mode=${mode}`;
          shell.log(LogLevel.Trace, text, "files");
        }
        await extractEntries(shell.site.flux, shell.env.get("FLUX_JOB_TMPDIR")!, entries);
      },
    };
  },
});
