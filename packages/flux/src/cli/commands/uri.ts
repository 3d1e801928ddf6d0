import { resolveUri, toLocal, toRemote } from "@flux-ts/client/resolve-uri";
import { command } from "../command.ts";
import { flag } from "../option.ts";
import { CommandError } from "../usage-error.ts";

export default command({
  name: "uri",
  summary: "resolve Flux URIs",
  dialect: "B",
  usage: "[-h] [--remote] [--local] [--wait] TARGET",
  description: "Resolve TARGET to a Flux URI",
  args: { target: "TARGET" },
  argHelp: { target: "A Flux jobid or URI in scheme:argument form (e.g. jobid:f1234)" },
  options: {
    remote: flag("--remote", "convert a local URI to remote"),
    local: flag("--local", "convert a remote URI to local"),
    wait: flag("--wait", "wait for a URI to become available, if supported"),
  },
  epilog: [
    "Supported resolver schemes:",
    "  jobid\t\tGet URI for a given Flux JOBID",
    "  lsf\t\tGet URI for a Flux instance launched under IBM Spectrum LSF",
    "  pid\t\tGet FLUX_URI for a given local PID",
    "  slurm\t\tGet URI for a Flux instance launched under Slurm",
  ].join("\n"),
  async run({ args, options, out, env }) {
    const forceLocal = env.FLUX_URI_RESOLVE_LOCAL !== undefined;
    const uri = await resolveUri(args.target, {
      wait: options.wait,
      local: forceLocal && !options.remote,
      from: env.FLUX_URI,
    });
    if (options.remote) out.line(checked(toRemote(uri), uri, "remote"));
    else if (options.local || forceLocal) out.line(checked(toLocal(uri), uri, "local"));
    else out.line(uri);
  },
});

function checked(converted: string, uri: string, kind: string): string {
  if (/^(ssh|local):/.test(converted)) return converted;
  const scheme = uri.slice(0, uri.indexOf(":"));
  throw new CommandError(`Cannot convert JobURI with scheme ${scheme} to ${kind}`);
}
