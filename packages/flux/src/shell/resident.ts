import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { exitedStatus, signaledStatus } from "@flux-ts/protocol/job/wait-status";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf, ResponseOf } from "@flux-ts/protocol/rpc/method";
import { shellHost } from "@flux-ts/protocol/services/shell-host";
import { builtins } from "./builtins.ts";
import type { ShellPlugin } from "./plugin.ts";
import { Shell, type ShellEnd } from "./shell.ts";
import { signalShell } from "./signal-shell.ts";
import { SignedJobspecs } from "./signed-jobspec.ts";
import { Site } from "./site.ts";
import { userPlugins } from "./user-plugins.ts";

type StartArgs = RequestOf<typeof shellHost.start>;
type StartRequest = Request<ResponseOf<typeof shellHost.start>>;

/**
 * The resident shell process: shells of many jobs, started and signaled by job-exec (DESIGN §3).
 */
export class ResidentShells {
  readonly #site: Site;
  readonly #plugins: readonly ShellPlugin[];
  readonly #jobspecs = new SignedJobspecs();
  readonly #shells = new Map<bigint, Shell>();
  readonly #ends = new Set<Promise<void>>();
  readonly #requests = new RequestSet<ResponseOf<typeof shellHost.start>>();
  #started = 0;
  #isStopping = false;

  private constructor(site: Site, plugins: readonly ShellPlugin[]) {
    this.#site = site;
    this.#plugins = plugins;
  }

  /** Serve `shell-host`. */
  static async open(flux: Flux): Promise<ResidentShells> {
    const site = await Site.open(flux, { isResident: true });
    const plugins = await userPlugins(undefined, site.attribute("conf.shell_initrc"), "/");
    const shells = new ResidentShells(site, [...builtins, ...plugins]);
    shells.#serve(flux);
    await flux.subscribe("shell-", (topic, payload) => {
      const [, id, name] = /^shell-(\d+)\.(.+)$/.exec(topic) ?? [];
      if (id !== undefined) shells.#shells.get(BigInt(id))?.deliverEvent(name!, payload);
    });
    await flux.addService("shell-host");
    return shells;
  }

  /** Kill everything and wait until it has ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const shell of this.#shells.values()) shell.abort(9);
    await Promise.all(this.#ends);
    this.#site.directories.clear();
  }

  #serve(flux: Flux): void {
    flux.serveAll(shellHost, {
      start: (args, request) => {
        this.#start(args, request);
        return later;
      },
      kill: ({ id, signum }) => {
        const shell = this.#shells.get(id);
        if (!shell) throw new FluxError("ENOENT", "no shell runs for this job");
        signalShell(shell, signum);
      },
      statsGet: () => ({ running: this.#shells.size, started: this.#started }),
      disconnect: (_args, request) => this.#requests.disconnect(request),
    });
  }

  #start({ id, userid, J, R }: StartArgs, request: StartRequest): void {
    if (this.#isStopping) throw new FluxError("ENOSYS", "the resident shell is stopping");
    if (this.#shells.has(id)) throw new FluxError("EEXIST", "the job has a shell here already");
    const { jobspec, environment } = this.#jobspecs.open(J);
    const log = (data: string): void => request.respond({ type: "log", stream: "stderr", data });
    const shell = new Shell(this.#site, { id, userid, jobspec, environment, R }, log);
    this.#shells.set(id, shell);
    this.#requests.add(request);
    this.#started++;
    request.respond({ type: "started" });
    const end = this.#run(shell, request);
    this.#ends.add(end);
    void end.finally(() => this.#ends.delete(end));
  }

  async #run(shell: Shell, request: StartRequest): Promise<void> {
    try {
      const status = statusOf(await shell.run(this.#plugins));
      const logs = shell.remainingLogs;
      request.respond({ type: "finished", status, ...(logs && { logs }) });
      request.end();
    } catch (error) {
      request.fail(error);
    }
    this.#shells.delete(shell.job.id);
    this.#requests.delete(request);
  }
}

/** The wait status that a process with this end would have. */
function statusOf(end: ShellEnd): number {
  return "signum" in end ? signaledStatus(end.signum) : exitedStatus(end.exitCode);
}
