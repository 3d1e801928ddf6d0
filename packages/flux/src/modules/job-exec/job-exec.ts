import { createHash } from "node:crypto";
import { later, type Request } from "@flux-ts/client/request";
import { f58, type JobId } from "@flux-ts/protocol/job/fluid";
import { encodeBlobref, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { dir, encodeTreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { isOwner } from "@flux-ts/protocol/message/credential";
import type { Message } from "@flux-ts/protocol/message/message";
import { MessageFlag } from "@flux-ts/protocol/message/message";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { broker } from "@flux-ts/protocol/services/broker";
import { jobExec } from "@flux-ts/protocol/services/job-exec";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { defineModule, type ModuleContext } from "../../plugins/module.ts";
import { type ExecConfig, execConfig } from "./config.ts";
import { GuestNamespace } from "./guest/guest.ts";
import { ExecJob } from "./job.ts";
import type { Launcher } from "./launch/launch.ts";
import {
  type Launchers,
  launcherFor,
  makeLaunchers,
  makeResidentLauncher,
} from "./launch/launchers.ts";
import type { ResidentLauncher } from "./resident/resident.ts";
import { JobRun, type RunDeps } from "./run/run.ts";
import { testExecOf } from "./testexec.ts";

type StartRequest = Request<{ id: JobId; type: string; data: JsonObject }>;

/** Starts and ends the shells of jobs for the job manager (RFC 32, RFC 50). */
export default defineModule({
  name: "job-exec",
  host: "inline",
  async start(context) {
    const keys = ["shell_path"];
    const { values } = await context.flux.call(broker.confBuiltin, { keys });
    const service = new ExecService(context, values.shell_path ?? "flux-shell");
    await service.start();
    return {
      stop: () => service.stop(),
      configReload: (config) => service.configure(config),
    };
  },
});

class ExecService {
  readonly #context: ModuleContext;
  readonly #runs = new Map<JobId, JobRun>();
  readonly #emptyRoot: string;
  readonly #shellPath: string;
  /** Outlives changes of the configuration, as the jobs in it do. */
  readonly #resident: ResidentLauncher;
  #config: ExecConfig;
  #launchers: Launchers;

  constructor(context: ModuleContext, shellPath: string) {
    this.#context = context;
    this.#shellPath = shellPath;
    this.#config = execConfig(context.config, context.args);
    this.#resident = makeResidentLauncher(context, shellPath);
    this.#launchers = makeLaunchers(context, this.#config, shellPath, this.#resident);
    this.#emptyRoot = emptyDirectory(context.attr("content.hash") ?? "sha1");
  }

  async start(): Promise<void> {
    const { flux } = this.#context;
    this.#serve();
    await flux.subscribe("job-exception", (_topic, payload, message) => {
      if (isOwner(message)) this.#onException(payload());
    });
    await flux.rpc("job-manager.exec-hello", { service: "job-exec" });
  }

  configure(config: JsonObject): void {
    this.#config = execConfig(config, this.#context.args);
    this.#launchers = makeLaunchers(this.#context, this.#config, this.#shellPath, this.#resident);
  }

  stop(): void {
    for (const run of this.#runs.values()) run.abandon();
    this.#resident.stop();
  }

  #serve(): void {
    const { flux } = this.#context;
    flux.serve(jobExec.start, (args, request) => {
      this.#start(args, request);
      return later;
    });
    flux.serve(jobExec.expiration, ({ id, expiration }) => {
      this.#run(id).setExpiration(expiration);
    });
    flux.serve(jobExec.criticalRanks, ({ id, ranks }, request) => {
      const run = this.#run(id);
      if (!request.isOwnerOr(run.job.setup.userid)) throw new FluxError("EPERM");
      run.job.critical = Idset.parse(ranks);
    });
    flux.serve(jobExec.shellBarrier, ({ id, rank }, request) => {
      const run = this.#run(id);
      if (!request.isOwnerOr(run.job.setup.userid)) throw new FluxError("EPERM");
      run.enterBarrier(rank, answerable(request));
      return later;
    });
    flux.serve(jobExec.publishGuest, ({ id }) => this.#run(id).publish());
    flux.serve(jobExec.override, ({ jobid, event, status = 0 }, request) => {
      const run = this.#run(jobid);
      if (!request.isOwnerOr(run.job.setup.userid)) throw new FluxError("EPERM");
      run.override(event, status);
    });
    flux.serve(jobExec.statsGet, () => this.#stats());
  }

  #run(id: JobId): JobRun {
    const run = this.#runs.get(id);
    if (!run) throw new FluxError("ENOENT", `job ${f58(id)} is not running`);
    return run;
  }

  /** RFC 32 start: several responses follow, found by job id since the request has no matchtag. */
  #start(
    args: { id: JobId; userid: number; jobspec: JsonObject; reattach: boolean; R: JsonObject },
    request: StartRequest,
  ): void {
    const { id } = args;
    const respond = (type: string, data: JsonObject): void => {
      const response = request.message.response(0);
      response.payload = jobExec.start.response.encode({ id, type, data });
      this.#context.flux.sendMessage(response);
    };
    try {
      const job = new ExecJob<Request<void>>(this.#setup(args));
      const launcher = this.#launcher(job);
      const run = new JobRun(
        job,
        this.#deps(launcher, respond, () => this.#runs.delete(id)),
      );
      this.#runs.set(id, run);
      run.start(args.reattach);
    } catch (error) {
      // What cannot be started ends at once: exception, finish, release.
      const note = error instanceof Error ? error.message : String(error);
      respond("exception", { severity: 0, type: "exec", note });
      respond("release", { ranks: "all", final: true });
      if (!(error instanceof FluxError)) throw error;
    }
  }

  #setup(args: { id: JobId; userid: number; jobspec: JsonObject; R: JsonObject }) {
    const { id, userid, jobspec, R } = args;
    const { ranks, hosts } = placesOf(R);
    const test = testExecOf(jobspec);
    const isGuest = userid !== Number(this.#context.attr("security.owner"));
    if (test && isGuest && !this.#config.testexecAllowGuests) {
      throw new FluxError("EPERM", "guests may not use test exec");
    }
    return { id, userid, jobspec, R, ranks, hosts, test };
  }

  #launcher(job: ExecJob<Request<void>>): Launcher {
    return launcherFor(this.#launchers, job.setup, Number(this.#context.attr("security.owner")));
  }

  #deps(
    launcher: Launcher,
    respond: (type: string, data: JsonObject) => void,
    onDone: () => void,
  ): RunDeps {
    const { flux } = this.#context;
    return {
      launcher,
      config: this.#config,
      respond,
      onDone,
      log: (severity, text) => this.#context.log(severity, text),
      guestOf: ({ id, setup }) =>
        new GuestNamespace(flux, { id, owner: setup.userid, emptyRoot: this.#emptyRoot }),
      signalTasks: (id, signum) => flux.publish(`shell-${id}.kill`, { signum }),
      reportLostShell: (job, exception) => {
        const service = `${job.setup.userid}-shell-${f58(job.id).replace("ƒ", "f")}`;
        const nodeid = job.setup.ranks[0];
        flux.rpc(`${service}.exception`, exception, { nodeid }).catch(() => {});
      },
      drain: (ranks, reason) => {
        flux
          .rpc("resource.drain", { targets: ranks, reason, mode: "update" })
          .catch((error: Error) => this.#context.log(3, `drain ${ranks}: ${error.message}`));
      },
    };
  }

  #onException(payload: JsonObject): void {
    const { id, severity, type, wait_status } = payload;
    if (typeof id !== "number" && typeof id !== "bigint") return;
    if (severity !== 0) return;
    const run = this.#runs.get(BigInt(id) as JobId);
    run?.onException(String(type), typeof wait_status === "number" ? wait_status : undefined);
  }

  #stats(): JsonObject {
    const { method, killTimeout, maxKillCount, maxKillTimeout } = this.#config;
    const jobs: JsonObject = {};
    for (const [id, run] of this.#runs) jobs[f58(id)] = run.stats();
    return {
      method,
      "kill-timeout": killTimeout,
      "term-signal": this.#config.termSignal,
      "kill-signal": this.#config.killSignal,
      "max-kill-count": maxKillCount,
      "max-kill-timeout": maxKillTimeout ?? -1,
      "resident-shell": this.#config.residentShell,
      jobs,
    };
  }
}

/** Broker ranks and host names of R (RFC 20), in order of rank. */
function placesOf(R: JsonObject): { ranks: number[]; hosts: string[] } {
  const { execution } = R;
  if (!isJsonObject(execution)) throw new FluxError("EPROTO", "R has no execution section");
  const ranks = new Idset();
  for (const entry of arrayOf(execution.R_lite)) {
    const rank = isJsonObject(entry) ? entry.rank : undefined;
    for (const one of Idset.parse(String(rank))) ranks.add(one);
  }
  const hosts = arrayOf(execution.nodelist).flatMap((list) => [...Hostlist.parse(String(list))]);
  return { ranks: [...ranks], hosts };
}

function arrayOf(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Blobref of the empty directory, which a new namespace starts from. */
function emptyDirectory(hash: string): string {
  if (!isHashName(hash)) throw new FluxError("EINVAL", `content.hash ${hash} is not supported`);
  const digest = createHash(hash)
    .update(encodeUtf8(encodeTreeObject(dir())))
    .digest();
  return encodeBlobref(hash, digest);
}

/** Shells of flux-core ask with NORESPONSE and wait for the response all the same. */
function answerable(request: Request<void>): Request<void> {
  const message: Message = request.message;
  message.flags &= ~MessageFlag.NoResponse;
  return request;
}
