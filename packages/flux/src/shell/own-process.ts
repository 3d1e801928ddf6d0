import type { Flux } from "@flux-ts/client/handle";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { jobInfo, LookupFlag } from "@flux-ts/protocol/services/job-info";
import { builtins } from "./builtins.ts";
import type { ShellPlugin } from "./plugin.ts";
import { Shell, type ShellEnd } from "./shell.ts";
import { signalShell } from "./signal-shell.ts";
import { SignedJobspecs } from "./signed-jobspec.ts";
import { Site } from "./site.ts";
import { userPlugins } from "./user-plugins.ts";

const maxKept = 100;
const forwarded = { SIGINT: 2, SIGALRM: 14, SIGTERM: 15 } as const;

/** Run the shell of one job as this process: what it needs to know it asks for itself. */
export async function runOwnProcess(flux: Flux, id: JobId): Promise<ShellEnd> {
  const events = new EarlyEvents(`shell-${id}.`);
  const [, site, { J, R }] = await Promise.all([
    // First, so that a signal sent to a job that has just started is not lost.
    flux.subscribe(events.prefix, (topic, payload) => events.onEvent(topic, payload)),
    Site.open(flux, { isResident: false }),
    flux.call(jobInfo.lookup, { id, keys: ["J", "R"], flags: LookupFlag.Current }),
  ]);
  if (typeof J !== "string") throw new FluxError("EPROTO", "the job has no signed request");
  const { jobspec, environment } = new SignedJobspecs().open(J);
  const userid = process.getuid?.() ?? site.owner;
  const job = { id, userid, jobspec, environment, R: objectOf(R) };
  const shell = new Shell(site, job, (text) => process.stderr.write(text));
  for (const [name, signum] of Object.entries(forwarded)) {
    process.on(name, () => signalShell(shell, signum));
  }
  const initrc = site.attribute("conf.shell_initrc");
  const cwd = jobspec.attributes.system?.cwd ?? process.cwd();
  const plugins = async (): Promise<ShellPlugin[]> => {
    return [...builtins, ...(await userPlugins(shell.options, initrc, cwd))];
  };
  return shell.run(plugins, () => events.deliverTo(shell));
}

/** Events for the job, kept until its shell is ready for them. */
class EarlyEvents {
  readonly prefix: string;
  readonly #kept: [name: string, payload: () => JsonObject][] = [];
  #shell: Shell | undefined;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  onEvent(topic: string, payload: () => JsonObject): void {
    const name = topic.slice(this.prefix.length);
    if (this.#shell) this.#shell.deliverEvent(name, payload);
    else if (this.#kept.length < maxKept) this.#kept.push([name, payload]);
  }

  deliverTo(shell: Shell): void {
    this.#shell = shell;
    for (const [name, payload] of this.#kept.splice(0)) shell.deliverEvent(name, payload);
  }
}

/** R as it is stored, which is text. */
function objectOf(R: unknown): JsonObject {
  const value = typeof R === "string" ? parseJson(R) : (R as JsonObject);
  if (!isJsonObject(value)) throw new FluxError("EPROTO", "the job has no R");
  return value;
}
