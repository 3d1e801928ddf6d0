import type { Handler } from "@flux-ts/client/dispatcher";
import type { CallOptions } from "@flux-ts/client/handle";
import type { Request } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Method } from "@flux-ts/protocol/rpc/method";
import { shellAt } from "@flux-ts/protocol/services/shell";
import type { Shell } from "./shell.ts";
import { serviceName } from "./shell-job.ts";

/**
 * The service of a shell, `<userid>-shell-<jobid>`, and calls to those of the job's other shells.
 * It is registered with the broker only when somebody might use it: most short jobs are over by
 * then.
 */
export class ShellService {
  readonly name: string;
  readonly #shell: Shell;
  #methods: ReturnType<typeof shellAt> | undefined;
  #registered: Promise<void> | undefined;
  readonly #pending: (() => void)[] = [];

  constructor(shell: Shell) {
    this.#shell = shell;
    this.name = serviceName(shell.job);
  }

  /** Its methods, under the job's service name. */
  get methods(): ReturnType<typeof shellAt> {
    this.#methods ??= shellAt(this.name);
    return this.#methods;
  }

  /** Serve a method to the job's user. `pick` names it, once it is needed. */
  serve<Req, Res>(
    pick: (methods: ReturnType<typeof shellAt>) => Method<Req, Res>,
    handler: Handler<Req, Res>,
  ): void {
    const serve = (): void => {
      const method = pick(this.methods);
      this.#shell.site.flux.serve(method, (args, request) => {
        this.authorize(request);
        return handler(args, request);
      });
    };
    if (this.#registered) serve();
    else this.#pending.push(serve);
  }

  /** Call back when the service is registered, for what is served beside its methods. */
  onRegister(action: () => void): void {
    if (this.#registered) action();
    else this.#pending.push(action);
  }

  /** EPERM unless it is the job's user who asks, or the instance owner. */
  authorize(request: Request<unknown>): void {
    if (!request.isOwnerOr(this.#shell.job.userid)) throw new FluxError("EPERM");
  }

  register(): Promise<void> {
    if (!this.#registered) {
      this.#registered = this.#shell.site.flux.addService(this.name);
      for (const serve of this.#pending.splice(0)) serve();
    }
    return this.#registered;
  }

  unregister(): void {
    if (!this.#registered) return;
    const { flux } = this.#shell.site;
    // Also what plugins serve under this name in their own way.
    for (const topic of [...flux.dispatcher.topics]) {
      if (topic.startsWith(`${this.name}.`)) flux.dispatcher.unserve(topic);
    }
    flux.removeService(this.name).catch(() => {});
  }

  /** Call a method of another shell of the job. */
  call<Req, Res>(
    pick: (methods: ReturnType<typeof shellAt>) => Method<Req, Res>,
    shellRank: number,
    request: Req,
  ): Promise<Res> {
    const options = { nodeid: this.#nodeid(shellRank) };
    const call = this.#shell.site.flux.call as (
      method: Method<Req, Res>,
      request: Req,
      options: CallOptions,
    ) => Promise<Res>;
    return call.call(this.#shell.site.flux, pick(this.methods), request, options);
  }

  /** Send a request that is not answered. */
  send<Req>(
    pick: (methods: ReturnType<typeof shellAt>) => Method<Req, unknown>,
    shellRank: number,
    request: Req,
  ): void {
    const options = { nodeid: this.#nodeid(shellRank) };
    const send = this.#shell.site.flux.send as (
      method: Method<Req, unknown>,
      request: Req,
      options: CallOptions,
    ) => void;
    send.call(this.#shell.site.flux, pick(this.methods), request, options);
  }

  #nodeid(shellRank: number): number {
    const node = this.#shell.layout.nodes[shellRank];
    if (!node) throw new FluxError("EINVAL", `the job has no shell ${shellRank}`);
    return node.rank;
  }
}
