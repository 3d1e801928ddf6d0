import { constants } from "node:fs";
import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { RequestOf, ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { terminal, type terminus, terminusAt } from "@flux-ts/protocol/services/terminus";
import { Process } from "../../subprocess/process.ts";
import { Terminal } from "./terminal.ts";

type NewArgs = RequestOf<typeof terminus.new>;

export interface TerminusOptions {
  /** Service name; requests to it come to this handle. */
  readonly service: string;
  readonly rank: number;
  /** The one user who may use it. */
  readonly userid: number;
  /** Environment of commands that come with none. */
  readonly environment: () => Readonly<Record<string, string>>;
  readonly cwd: string;
}

interface Session {
  readonly id: number;
  readonly name: string;
  readonly terminal: Terminal;
  readonly ctime: number;
  process?: Process;
  hasExited: boolean;
  readonly waiting: Request<void>[];
}

/** Terminals under one service name: those of tasks, and those that clients ask for. */
export class TerminusServer {
  readonly #flux: Flux;
  readonly #options: TerminusOptions;
  readonly #sessions = new Map<number, Session>();
  readonly #ctime = Date.now() / 1000;
  readonly #onEmpty: (() => void)[] = [];
  #isServing = false;

  constructor(flux: Flux, options: TerminusOptions) {
    this.#flux = flux;
    this.#options = options;
  }

  /** Start to take requests. */
  serve(): void {
    const methods = terminusAt(this.#options.service);
    const flux = this.#flux;
    flux.serve(methods.new, (args, request) => this.#new(args, request));
    flux.serve(methods.list, (_args, request) => this.#list(request));
    flux.serve(methods.kill, ({ id, signal, wait }, request) => {
      this.#authorize(request);
      const session = this.#sessions.get(id);
      if (!session) throw new FluxError("ENOENT");
      if (wait) session.waiting.push(request);
      this.#kill(session, signal);
      return wait ? later : undefined;
    });
    flux.serve(methods.killServer, async (_args, request) => {
      this.#authorize(request);
      for (const session of [...this.#sessions.values()]) this.#kill(session, 9);
      await this.empty();
    });
    flux.serve(methods.disconnect, (_args, { sender }) => {
      for (const session of this.#sessions.values()) session.terminal.disconnect(sender);
    });
    for (const { id } of this.#sessions.values()) this.#serveSession(id);
    this.#isServing = true;
  }
  /** A terminal for a program that the caller starts. Throws EEXIST, or what openpt(3) throws. */
  open(
    id: number,
    name: string,
    events: { onData?(data: Uint8Array): void; onClosed?(): void } = {},
  ): Terminal {
    if (this.#sessions.has(id)) throw new FluxError("EEXIST");
    const opened = new Terminal({ ...events, onComplete: () => this.#remove(id) });
    const ctime = Date.now() / 1000;
    const session = { id, name, terminal: opened, ctime, hasExited: false, waiting: [] };
    this.#sessions.set(id, session);
    if (this.#isServing) this.#serveSession(id);
    return opened;
  }

  /** The program of a terminal has ended, with this wait(2) status. */
  onExit(id: number, status: number): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    session.hasExited = true;
    session.terminal.onExit(status);
  }

  get isEmpty(): boolean {
    return this.#sessions.size === 0;
  }

  /** Resolves when no session is left. */
  empty(): Promise<void> {
    if (this.isEmpty) return Promise.resolve();
    return new Promise((resolve) => this.#onEmpty.push(resolve));
  }

  /** End everything now. */
  close(): void {
    for (const session of [...this.#sessions.values()]) {
      this.#kill(session, 9);
      session.terminal.close();
      this.#remove(session.id);
    }
  }

  #serveSession(id: number): void {
    this.#flux.serve(terminal(this.#options.service, id), (args: JsonObject, request) => {
      this.#authorize(request);
      const session = this.#sessions.get(id);
      if (!session) throw new FluxError("ENOENT");
      session.terminal.onRequest(args, request);
      return later;
    });
  }

  async #new(
    { name, cmd, environ, cwd }: NewArgs,
    request: Request<ResponseOf<typeof terminus.new>>,
  ): Promise<ResponseOf<typeof terminus.new>> {
    this.#authorize(request);
    const base = environ ?? this.#options.environment();
    const argv = cmd?.length ? cmd : [base.SHELL ?? "bash"];
    let id = 0;
    while (this.#sessions.has(id)) id++;
    const title = name || argv[0]!;
    const opened = this.open(id, title);
    opened.waitsForClient = true;
    const device = { path: opened.path, flags: constants.O_RDWR };
    const process = new Process(
      {
        argv,
        env: { ...base, FLUX_TERMINUS_SESSION: `${id}` },
        cwd: cwd ?? this.#options.cwd,
        stdin: device,
        stdout: device,
        stderr: device,
        group: "session",
      },
      { onExit: (status) => this.onExit(id, status) },
    );
    try {
      await process.start();
    } catch (error) {
      opened.close();
      this.#remove(id);
      const { errnum, message } = error as FluxError;
      throw new FluxError(errnum, `failed to run ${argv[0]}: ${message}`);
    }
    this.#sessions.get(id)!.process = process;
    return { name: title, pty_service: `${this.#options.service}.${id}`, id };
  }

  #list(request: Request<ResponseOf<typeof terminus.list>>): ResponseOf<typeof terminus.list> {
    this.#authorize(request);
    const { service, rank } = this.#options;
    const sessions = [...this.#sessions.values()].map((session) => ({
      id: session.id,
      name: session.name,
      clients: session.terminal.clientCount,
      pid: session.process?.pid ?? -1,
      exited: session.hasExited ? 1 : 0,
      ctime: session.ctime,
    }));
    return { server: { service, rank, ctime: this.#ctime }, sessions };
  }

  #kill(session: Session, signum: number): void {
    session.terminal.waitsForClient = false;
    if (session.hasExited) {
      session.terminal.close();
      this.#remove(session.id);
      return;
    }
    try {
      session.process?.kill(signum);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
    }
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    for (const request of session.waiting) request.respond(undefined);
    this.#flux.dispatcher.unserve(terminal(this.#options.service, id).topic);
    if (this.isEmpty) for (const resolve of this.#onEmpty.splice(0)) resolve();
  }

  #authorize({ userid }: Request<unknown>): void {
    if (userid !== this.#options.userid) throw new FluxError("EPERM");
  }
}
