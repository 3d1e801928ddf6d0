// RFC 6: Flux remote procedure call protocol.

import { type Later, later, type Request } from "@flux-ts/client/request";
import { RequestSet } from "@flux-ts/client/request-set";
import { Role } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { method } from "@flux-ts/protocol/rpc/method";
import { t } from "@flux-ts/protocol/schema/schema";
import { testBroker } from "@flux-ts/testing/broker";
import { defineModule } from "flux-ts/plugins/module";
import { expect, test } from "vitest";

const count = method("counter.count", {
  roles: Role.User,
  streaming: "required",
  request: { to: t.int },
  response: { n: t.int },
});
const follow = method("counter.follow", { streaming: "required", response: { n: t.int } });
const cancel = method("counter.cancel", { noResponse: true, request: { matchtag: t.int } });
const disconnect = method("counter.disconnect", { noResponse: true });
const open = method("counter.open", { response: { open: t.int } });
const fail = method("counter.fail", {});

const counter = defineModule({
  name: "counter",
  host: "inline",
  start({ flux }) {
    const streams = new RequestSet<{ n: number }>();
    const serveCount = (args: { to: number }, request: Request<{ n: number }>): Later => {
      for (let n = 1; n <= args.to; n++) request.respond({ n });
      request.end();
      return later;
    };
    flux.serve(count, serveCount);
    flux.serve(follow, (_args, request) => {
      request.respond({ n: 0 });
      streams.add(request);
      return later;
    });
    flux.serve(cancel, ({ matchtag }, client) => streams.cancel(client, matchtag));
    flux.serve(disconnect, (_args, client) => streams.disconnect(client));
    flux.serve(open, () => ({ open: streams.size }));
    flux.serve(fail, () => {
      throw new FluxError("EBUSY", "counter is busy");
    });
    return {};
  },
});

test("§ Streaming: responses come in order and ENODATA ends the stream", async () => {
  await using broker = await testBroker({ modules: [counter] });
  const seen: number[] = [];
  for await (const { n } of broker.flux.stream(count, { to: 3 })) seen.push(n);
  expect(seen).toEqual([1, 2, 3]);
  expect(broker.flux.outstanding).toBe(0);
});

test("§ Streaming: a streaming method refuses a request without the flag with EPROTO", async () => {
  await using broker = await testBroker({ modules: [counter] });
  await expect(broker.flux.call(count, { to: 1 })).rejects.toMatchObject({ code: "EPROTO" });
});

test("§ Error response: errnum and text of the service reach the caller", async () => {
  await using broker = await testBroker({ modules: [counter] });
  await expect(broker.flux.call(fail)).rejects.toMatchObject({
    code: "EBUSY",
    message: "counter is busy",
  });
});

test("§ Cancel: leaving the loop cancels the stream at the service", async () => {
  await using broker = await testBroker({ modules: [counter] });
  for await (const { n } of broker.flux.stream(follow, undefined, { cancel })) {
    expect(n).toBe(0);
    break;
  }
  expect(await broker.flux.call(open)).toEqual({ open: 0 });
  expect(broker.flux.outstanding).toBe(0);
});

test("§ Disconnect: a client that goes away is forgotten by the services it used", async () => {
  await using broker = await testBroker({ modules: [counter] });
  const client = broker.connect();
  const stream = client.stream(follow);
  await stream.first();
  expect(await broker.flux.call(open)).toEqual({ open: 1 });
  client.close();
  await client.closed;
  expect(await broker.flux.call(open)).toEqual({ open: 0 });
});

test("§ Matchtags: a tag returns when its RPC is over", async () => {
  await using broker = await testBroker({ modules: [counter] });
  await Promise.all(Array.from({ length: 100 }, () => broker.flux.call(open)));
  expect(broker.flux.outstanding).toBe(0);
});

test("RPCs in flight fail with ECONNRESET when the connection is lost", async () => {
  await using broker = await testBroker({ modules: [counter] });
  const client = broker.connect();
  const stream = client.stream(follow);
  await stream.first();
  const next = stream.next();
  client.close();
  await expect(next).rejects.toMatchObject({ code: "ECONNRESET" });
});
