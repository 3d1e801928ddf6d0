import type { Flux } from "@flux-ts/client/handle";
import { later, type Request } from "@flux-ts/client/request";
import { decodeIo, encodeIo } from "@flux-ts/protocol/job/output";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import { type IoObject, type rexec, rexecAt } from "@flux-ts/protocol/services/rexec";
import { commandJson } from "./command.ts";
import type { ExecListener } from "./exec-listener.ts";
import type { Output } from "./output.ts";
import type { SubprocessServer } from "./server.ts";

type ExecResponse = ResponseOf<typeof rexec.exec>;
type AttachResponse = ResponseOf<typeof rexec.attach>;

export interface ServeOptions {
  /** Service name, such as `rexec`. */
  readonly service: string;
  /** Broker rank, which output objects carry. */
  readonly rank: number;
  /** Roles besides the owner that may ask at all. Default: none. */
  readonly roles?: number;
  /** Throws to refuse a request that the roles would allow. */
  authorize(request: Request<unknown>): void;
}

/** Serve the methods of RFC 42 under a service name. */
export function serveSubprocesses(
  flux: Flux,
  server: SubprocessServer,
  { service, rank, roles, authorize }: ServeOptions,
): void {
  const methods = rexecAt(service, roles);
  flux.serve(methods.exec, ({ cmd, flags, local_flags: localFlags }, request) => {
    authorize(request);
    const { sender, matchtag, isStreaming: streaming } = request;
    server.exec({ cmd, flags, localFlags, sender, matchtag, streaming }, listen(request, rank));
    return later;
  });
  flux.serve(methods.attach, ({ pid, label, flags }, request) => {
    authorize(request);
    const { sender, matchtag, isStreaming: streaming } = request;
    server.attach({ pid, label, flags, sender, matchtag, streaming }, listen(request, rank));
    return later;
  });
  flux.serve(methods.write, ({ matchtag, io }, request) => {
    authorize(request);
    const { stream, data, eof } = decodeIo(io);
    server.write({ sender: request.sender, matchtag, stream, data, eof });
  });
  flux.serve(methods.kill, ({ pid, label, signum }, request) => {
    authorize(request);
    return server.kill({ pid, label, signum });
  });
  flux.serve(methods.list, (_args, request) => {
    authorize(request);
    return { rank, procs: server.list() };
  });
  flux.serve(methods.wait, async ({ pid, label }, request) => {
    authorize(request);
    const { status, output } = await server.wait({ pid, label, sender: request.sender });
    return output.length === 0 ? { status } : { status, output: output.map((o) => io(o, rank)) };
  });
  flux.serve(methods.disconnect, (_args, { sender }) => server.disconnect(sender));
}

/** Only the instance owner: what a broker's own subprocess server allows. */
export function ownerOnly(request: Request<unknown>): void {
  if (!request.isOwner) throw new FluxError("EPERM", "Request requires owner credentials");
}

function listen(
  request: Request<ExecResponse> | Request<AttachResponse>,
  rank: number,
): ExecListener {
  const respond = (response: ExecResponse): void => {
    (request as Request<ExecResponse>).respond(response);
  };
  return {
    started: (pid) => respond({ type: "started", pid }),
    attached: (pid, command) => {
      const attached = { type: "attached", pid, cmd: commandJson(command) };
      (request as Request<AttachResponse>).respond(attached);
    },
    stopped: () => respond({ type: "stopped" }),
    addCredit: (channels) => respond({ type: "add-credit", channels: { ...channels } }),
    output: (pid, output) => respond({ type: "output", pid, io: io(output, rank) }),
    finished: (status) => respond({ type: "finished", status }),
    end: (error) => request.fail(error),
  };
}

function io(output: Output, rank: number): IoObject {
  return encodeIo({ ...output, rank: `${rank}` }) as IoObject;
}
