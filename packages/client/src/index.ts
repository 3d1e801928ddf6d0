// What a program imports: names listed one by one.

export { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
export { method } from "@flux-ts/protocol/rpc/method";
export { t } from "@flux-ts/protocol/schema/schema";
export { addConnector, type Connector, connect } from "./connect.ts";
export type { Handler, Handlers } from "./dispatcher.ts";
export { type CallOptions, Flux, type FollowSink, type StreamOptions } from "./handle.ts";
export { later, Request } from "./request.ts";
export { RpcStream } from "./rpc-stream.ts";
export type { EventHandler, Subscription } from "./subscriptions.ts";
export type { Transport } from "./transport.ts";
