import { newKeyPair, writeCertificate } from "@flux-ts/client/certificate";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { command } from "../command.ts";
import { list, text } from "../option.ts";
import { CommandError } from "../usage-error.ts";
import { fluxCoreVersion } from "../version.ts";

export default command({
  name: "keygen",
  summary: "generate keys for Flux security",
  dialect: "A",
  usage: "[OPTIONS] [PATH]",
  options: {
    name: text("-n, --name=NAME", "Set certificate name (default: hostname)"),
    meta: list("--meta=KEYVALS", "Add/update comma-separated key=value metadata", {
      separator: ",",
    }),
  },
  args: { path: "[PATH]" },
  run({ options, args, system, warn }) {
    const { path } = args;
    if (path === undefined) warn("WARNING: add PATH argument to save generated certificate");
    const hostname = system.hostname();
    // What comes first stays, so that --name and --meta win.
    const entries = [
      ...(options.name === undefined ? [] : [["name", options.name] as const]),
      ...options.meta.map(keyValue),
      ["name", hostname],
      ["keygen.hostname", hostname],
      ["keygen.time", localTime(new Date())],
      ["keygen.userid", `${system.uid}`],
      ["keygen.flux-core-version", fluxCoreVersion],
    ] as const;
    const metadata = Object.fromEntries([...entries].reverse());
    const certificate = { metadata, ...newKeyPair() };
    if (path === undefined) return;
    try {
      writeCertificate(path, certificate);
    } catch (error) {
      if (error instanceof FluxError) throw error;
      throw new CommandError(`open ${path}: ${(error as Error).message}`);
    }
  },
});

function keyValue(word: string): readonly [key: string, value: string] {
  const equals = word.indexOf("=");
  return equals < 0 ? [word, ""] : [word.slice(0, equals), word.slice(equals + 1)];
}

/** ISO 8601 in local time and without zone, as certificates have it. */
function localTime(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}
