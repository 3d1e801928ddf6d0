import type { Flux } from "@flux-ts/client/handle";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { jobInfo, LookupFlag } from "@flux-ts/protocol/services/job-info";
import { builtins } from "./builtins.ts";
import { Shell, type ShellEnd } from "./shell.ts";
import { signalShell } from "./signal-shell.ts";
import { SignedJobspecs } from "./signed-jobspec.ts";
import { Site } from "./site.ts";

const forwarded = { SIGINT: 2, SIGALRM: 14, SIGTERM: 15 } as const;

/** Run the shell of one job as this process: what it needs to know it asks for itself. */
export async function runOwnProcess(flux: Flux, id: JobId): Promise<ShellEnd> {
  const [site, { J, R }] = await Promise.all([
    Site.open(flux, { isResident: false }),
    flux.call(jobInfo.lookup, { id, keys: ["J", "R"], flags: LookupFlag.Current }),
  ]);
  if (typeof J !== "string") throw new FluxError("EPROTO", "the job has no signed request");
  const { jobspec, environment } = new SignedJobspecs().open(J);
  const userid = process.getuid?.() ?? site.owner;
  const shell = new Shell(site, { id, userid, jobspec, environment, R: objectOf(R) });
  const prefix = `shell-${id}.`;
  await flux.subscribe(prefix, (topic, payload) => {
    shell.deliverEvent(topic.slice(prefix.length), payload);
  });
  for (const [name, signum] of Object.entries(forwarded)) {
    process.on(name, () => signalShell(shell, signum));
  }
  return shell.run(builtins);
}

/** R as it is stored, which is text. */
function objectOf(R: unknown): JsonObject {
  const value = typeof R === "string" ? parseJson(R) : (R as JsonObject);
  if (!isJsonObject(value)) throw new FluxError("EPROTO", "the job has no R");
  return value;
}
