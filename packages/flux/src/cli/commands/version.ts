import { command } from "../command.ts";
import { fluxCoreVersion, version } from "../version.ts";

export default command({
  name: "version",
  summary: "Display flux version information",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS]...",
  args: { ignored: "[ARGS...]" },
  async run({ env, flux, out }) {
    out.line(`commands:    \t\t${fluxCoreVersion}`);
    out.line(`libflux-core:\t\t${fluxCoreVersion}`);
    if (env.FLUX_URI !== undefined) {
      const handle = await flux();
      out.line(`broker:  \t\t${await handle.attr("version")}`);
      out.line(`FLUX_URI:\t\t${env.FLUX_URI}`);
    }
    out.line(`build-options:\t\t+flux-ts==${version}`);
  },
});
