import type { Flux } from "@flux-ts/client/handle";
import { formatJobId } from "@flux-ts/protocol/job/fluid";
import { checkTreeObject, valBytes } from "@flux-ts/protocol/kvs/treeobj";
import { decodeUtf8 } from "@flux-ts/protocol/message/text";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { ExecFlag, ExecLocalFlag, rexec } from "@flux-ts/protocol/services/rexec";
import { shellHost } from "@flux-ts/protocol/services/shell-host";
import type { JobSetup } from "../job.ts";
import type { Launcher, RunningShells, ShellEvents } from "../launch/launch.ts";

export interface ResidentLauncherOptions {
  /** Command line of the resident shell process. */
  readonly cmdline: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  log(severity: 3 | 6, text: string): void;
}

/** What a resident shell process prints when it serves requests. */
const readyLine = "ready";

/** The resident shell process of one broker. */
interface Host {
  readonly ready: Promise<void>;
  /** Its pid, which is its session id too: what it leaves behind can be found by that. */
  pid: number;
  /** Shells it runs: each is told if the process dies. */
  readonly shells: Set<(error: FluxError) => void>;
}

/**
 * Runs shells in the resident shell process of each rank, which is started at first use and again if
 * it dies (DESIGN §3).
 */
export class ResidentLauncher implements Launcher {
  readonly keepsLogs = true;
  readonly #flux: Flux;
  readonly #options: ResidentLauncherOptions;
  readonly #hosts = new Map<number, Host>();

  constructor(flux: Flux, options: ResidentLauncherOptions) {
    this.#flux = flux;
    this.#options = options;
  }

  launch(setup: JobSetup, events: ShellEvents): RunningShells {
    const request = this.#signedRequest(setup);
    const waiting = new Map<number, number>();
    const started = new Set<number>();
    const kill = (rank: number, signum: number): void => {
      this.#flux.call(shellHost.kill, { id: setup.id, signum }, { nodeid: rank }).catch(() => {});
    };
    for (const rank of setup.ranks) {
      const onStarted = (): void => {
        started.add(rank);
        events.onStarted(rank);
        const signum = waiting.get(rank);
        if (signum !== undefined) kill(rank, signum);
      };
      void this.#start(setup, rank, request, { ...bound(events), onStarted });
    }
    return {
      kill: (signum, ranks = setup.ranks) => {
        for (const rank of ranks) {
          if (started.has(rank)) kill(rank, signum);
          else waiting.set(rank, signum);
        }
      },
    };
  }

  /** End the resident processes, with whatever they run. */
  stop(): void {
    for (const [rank, { pid }] of this.#hosts) {
      this.#flux.call(rexec.kill, { pid, signum: 15 }, { nodeid: rank }).catch(() => {});
    }
  }

  async #start(
    setup: JobSetup,
    rank: number,
    signed: Promise<string>,
    events: ShellEvents,
  ): Promise<void> {
    let J: string;
    try {
      await this.#host(rank).ready;
      J = await signed;
    } catch (error) {
      events.onFailed(rank, error as FluxError);
      return;
    }
    let status: number | undefined;
    const { shells } = this.#host(rank);
    const onLost = (error: FluxError): void => {
      shells.delete(onLost);
      events.onFailed(rank, error);
    };
    shells.add(onLost);
    const { id, userid, R } = setup;
    this.#flux.follow(
      shellHost.start,
      {
        next: (response) => {
          if (response.type === "started") events.onStarted(rank);
          else if (response.type === "finished") {
            status = response.status;
            for (const [log, lines] of Object.entries(response.logs ?? {})) {
              events.onGuestLog(log, lines);
            }
          } else if (response.type === "log") {
            events.onLog(rank, response.stream ?? "stderr", response.data ?? "");
          }
        },
        end: (error) => {
          if (!shells.has(onLost)) return;
          shells.delete(onLost);
          if (status !== undefined) events.onExit(rank, status);
          else events.onFailed(rank, error ?? new FluxError("EPROTO", "the shell has no status"));
        },
      },
      { id, userid, J, R },
      { nodeid: rank },
    );
  }

  /** The signed request, which alone holds the job's environment; from the KVS cache of this broker. */
  async #signedRequest({ id }: JobSetup): Promise<string> {
    const key = `${formatJobId(id, "kvs")}.J`;
    const { val } = await this.#flux.call(kvs.lookup, {
      key,
      flags: 0,
      namespace: primaryNamespace,
    });
    const object = checkTreeObject(val);
    if (object.type !== "val") throw new FluxError("EPROTO", `${key} is not a value`);
    return decodeUtf8(valBytes(object));
  }

  #host(rank: number): Host {
    let host = this.#hosts.get(rank);
    if (!host) {
      host = this.#startHost(rank);
      this.#hosts.set(rank, host);
    }
    return host;
  }

  #startHost(rank: number): Host {
    const shells = new Set<(error: FluxError) => void>();
    const host = { pid: 0, ready: Promise.resolve(), shells };
    host.ready = new Promise((resolve, reject) => {
      const onGone = (reason: string): void => {
        if (this.#hosts.get(rank) === host) this.#hosts.delete(rank);
        const error = new FluxError("EIO", `resident shell on rank ${rank}: ${reason}`);
        reject(error);
        for (const onLost of [...shells]) onLost(error);
        if (host.pid > 0) this.#reap(rank, host.pid);
      };
      this.#flux.follow(
        rexec.exec,
        {
          next: ({ type, pid, io, status }) => {
            if (type === "started") host.pid = pid!;
            else if (type === "output" && io?.data?.trim() === readyLine) resolve();
            else if (type === "output" && io?.data) this.#options.log(3, io.data.trimEnd());
            else if (type === "finished") onGone(`ended with status ${status}`);
          },
          end: (error) => error && onGone(error.message),
        },
        {
          cmd: {
            cmdline: [...this.#options.cmdline],
            env: { ...this.#options.env },
            opts: { stdout_LINE_BUFFER: "true", stderr_LINE_BUFFER: "true" },
            channels: [],
            label: "flux-shell-host",
          },
          flags: ExecFlag.Stdout | ExecFlag.Stderr,
          // A process group leader cannot become a session leader.
          local_flags: ExecLocalFlag.NoSetpgrp,
        },
        { nodeid: rank },
      );
    });
    host.ready.catch(() => {});
    return host;
  }

  /** Tasks outlive a resident shell that dies; they are in its session, so a reaper can find them. */
  #reap(rank: number, session: number): void {
    const [program = ""] = this.#options.cmdline;
    this.#flux.follow(
      rexec.exec,
      { next() {} },
      {
        cmd: { cmdline: [program, "--reap", `${session}`], env: {}, opts: {}, channels: [] },
        flags: 0,
        local_flags: 0,
      },
      { nodeid: rank },
    );
  }
}

/** The callbacks as plain functions, so that some can be replaced. */
function bound(events: ShellEvents): ShellEvents {
  return {
    onStarted: (rank) => events.onStarted(rank),
    onExit: (rank, status) => events.onExit(rank, status),
    onFailed: (rank, error) => events.onFailed(rank, error),
    onLog: (rank, stream, data) => events.onLog(rank, stream, data),
    onGuestLog: (log, lines) => events.onGuestLog(log, lines),
  };
}
