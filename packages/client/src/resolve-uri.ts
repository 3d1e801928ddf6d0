import { readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { parseEntry } from "@flux-ts/protocol/job/eventlog";
import { parseJobId } from "@flux-ts/protocol/job/fluid";
import { JobState } from "@flux-ts/protocol/job/states";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { jobInfo } from "@flux-ts/protocol/services/job-info";
import { jobList } from "@flux-ts/protocol/services/job-list";
import { connect } from "./connect.ts";
import type { Flux } from "./handle.ts";

export interface ResolveOptions {
  /** A `local://` URI, for somebody on the same host. */
  readonly local?: boolean;
  /** An `ssh://` URI, for somebody on another host. */
  readonly remote?: boolean;
  /** Wait for a job that has no URI yet. */
  readonly wait?: boolean;
  /** Where job ids are looked up first; default: the instance of FLUX_URI. */
  readonly from?: string | undefined;
}

/**
 * The URI of a Flux instance that a person named: a URI itself, `[jobid:]PATH` with job ids separated by
 * slashes, `.`, `..` and `/`, or `pid:PID`, `slurm:JOB`, `lsf:JOB`. `?local`, `?remote` and `?wait` may follow.
 * @throws FluxError ENOENT if there is no such instance, EINVAL if the target is malformed
 */
export async function resolveUri(target: string, options: ResolveOptions = {}): Promise<string> {
  const [, scheme = "jobid", rest = "", query = ""] =
    /^(?:([a-z]+):)?([^?]*)(?:\?(.*))?$/s.exec(target) ?? [];
  const flags = new Set(query.split("&"));
  const local = options.local || flags.has("local");
  const remote = options.remote || flags.has("remote");
  const wait = options.wait || flags.has("wait");
  if (flags.has("local") && flags.has("remote")) {
    throw new FluxError("EINVAL", "Only one of 'local' or 'remote' is allowed");
  }
  const uri = await resolveScheme(scheme, rest, target, {
    local,
    wait,
    isOnNode: flags.has("is_compute"),
    from: options.from,
  });
  return remote ? toRemote(uri) : local ? toLocal(uri) : uri;
}

interface PathOptions {
  readonly local: boolean;
  readonly wait: boolean;
  /** This is the node that an LSF job's broker runs on. */
  readonly isOnNode: boolean;
  readonly from: string | undefined;
}

async function resolveScheme(
  scheme: string,
  rest: string,
  target: string,
  options: PathOptions,
): Promise<string> {
  const { isOnNode } = options;
  switch (scheme) {
    case "local":
    case "ssh":
      return target;
    case "jobid":
      return resolvePath(rest, options);
    case "pid":
      return resolvePid(rest);
    case "slurm": {
      const { slurmUri } = await import("./slurm-uri.ts");
      return slurmUri(rest, (pid) => toRemote(resolvePid(pid)));
    }
    case "lsf": {
      const { lsfUri } = await import("./lsf-uri.ts");
      return lsfUri(rest, isOnNode, (pid) => toRemote(resolvePid(pid)));
    }
    default:
      throw new FluxError("EINVAL", `No plugin for URI scheme ${scheme}`);
  }
}

async function resolvePath(path: string, { local, wait, from }: PathOptions): Promise<string> {
  const steps = path.split("/").filter((step) => step !== "" && step !== ".");
  if (path.startsWith("/")) steps.unshift("/");
  let uri = from;
  let host: string | undefined;
  if (steps.length === 0) return withInstance(uri, (flux) => flux.attr("local-uri"));
  for (const step of steps) {
    const here = uri !== undefined && local ? toLocal(uri) : uri;
    if (step === "/") uri = await rootUri(here);
    else if (step === "..") {
      uri = await withInstance(here, parentUri);
      if (host !== undefined) uri = toRemote(uri, host);
    } else {
      uri = await withInstance(here, (flux) => jobUri(flux, step, wait));
      host = /^ssh:\/\/([^/]*)/.exec(uri)?.[1];
    }
  }
  return uri!;
}

async function withInstance<T>(
  uri: string | undefined,
  use: (flux: Flux) => Promise<T>,
): Promise<T> {
  await using flux = await connect(uri);
  return await use(flux);
}

async function parentUri(flux: Flux): Promise<string> {
  const level = Number(await flux.attr("instance-level"));
  return flux.attr(level > 0 ? "parent-uri" : "local-uri");
}

async function rootUri(from: string | undefined): Promise<string> {
  let uri = from;
  for (;;) {
    const { level, parent, self } = await withInstance(uri, async (flux) => ({
      level: Number(await flux.attr("instance-level")),
      parent: await parentUri(flux),
      self: await flux.attr("local-uri"),
    }));
    if (level === 0) return self;
    uri = parent;
  }
}

async function jobUri(flux: Flux, text: string, wait: boolean): Promise<string> {
  let id: ReturnType<typeof parseJobId>;
  try {
    id = parseJobId(text);
  } catch {
    throw new FluxError("EINVAL", `${text} is not a valid jobid`);
  }
  const found = wait ? await awaitUri(flux, id, text) : await currentUri(flux, id, text);
  if (!found) throw new FluxError("ENOENT", `URI not found for job ${text}`);
  return found;
}

async function currentUri(flux: Flux, id: ReturnType<typeof parseJobId>, text: string) {
  const { job } = await flux
    .call(jobList.listId, { id, attrs: ["state", "annotations"] })
    .catch((error: unknown) => {
      throw isErrno(error, "ENOENT") ? new FluxError("ENOENT", `jobid ${text} not found`) : error;
    });
  if (job.state !== JobState.RUN) throw new FluxError("ENOENT", `jobid ${text} is not running`);
  const user = job.annotations?.user;
  const uri = isJsonObject(user) ? user.uri : undefined;
  return typeof uri === "string" ? uri : undefined;
}

async function awaitUri(flux: Flux, id: ReturnType<typeof parseJobId>, text: string) {
  const request = { id, path: "eventlog", flags: 0 };
  const events = flux.stream(jobInfo.eventlogWatch, request, {
    cancel: jobInfo.eventlogWatchCancel,
  });
  try {
    for await (const { event } of events) {
      if (event === undefined) continue;
      const { name, context } = parseEntry(event);
      if (name === "memo" && typeof context?.uri === "string") return context.uri;
      if (name === "finish") return undefined;
    }
  } catch (error) {
    if (isErrno(error, "ENOENT")) throw new FluxError("ENOENT", `jobid ${text} not found`);
    throw error;
  }
  return undefined;
}

/** FLUX_URI of a process; of a broker, that of its first child. */
function resolvePid(text: string): string {
  let pid = text.split("/")[0] ?? "";
  try {
    const name = readFileSync(`/proc/${pid}/comm`, "utf8");
    const args = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const isBroker = name.startsWith("flux-broker") || args.some((arg) => /broker\.cjs$/.test(arg));
    if (isBroker) pid = firstChildOf(pid);
    const variables = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
    const found = variables.find((variable) => variable.startsWith("FLUX_URI="));
    if (found) return found.slice("FLUX_URI=".length);
  } catch (cause) {
    if (cause instanceof FluxError) throw cause;
    throw new FluxError("ENOENT", `PID ${text} is not a process whose environment can be read`, {
      cause,
    });
  }
  throw new FluxError("ENOENT", `PID ${pid} doesn't seem to have a FLUX_URI`);
}

function firstChildOf(pid: string): string {
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    const [child] = readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ");
    if (child) return child;
  }
  throw new FluxError("ENOENT", `PID ${pid} is a flux-broker and no child found`);
}

/** The same instance as somebody on another host reaches it. */
export function toRemote(uri: string, host = hostname()): string {
  return uri.replace(/^local:\/\//, `ssh://${host}`);
}

/** The same instance as somebody on its host reaches it. */
export function toLocal(uri: string): string {
  return uri.replace(/^ssh:\/\/[^/]*/, "local://");
}
