import { Role } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { method } from "@flux-ts/protocol/rpc/method";
import { t } from "@flux-ts/protocol/schema/schema";
import { attr } from "@flux-ts/protocol/services/attr";
import { event } from "@flux-ts/protocol/services/event";
import { module } from "@flux-ts/protocol/services/module";
import { testBroker } from "@flux-ts/testing/broker";
import { expect, test } from "vitest";
import { defineModule } from "../plugins/module.ts";

const echo = method("echo.say", {
  roles: Role.User,
  request: { text: t.string },
  response: { text: t.string, from: t.int },
});
const secret = method("echo.secret", { response: { text: t.string } });

const echoModule = defineModule({
  name: "echo",
  host: "inline",
  services: ["echo2"],
  start({ flux }) {
    flux.serve(echo, ({ text }, request) => ({ text, from: request.userid }));
    flux.serve(secret, () => ({ text: "x" }));
    return {};
  },
});

test("a client's request reaches a module and the response comes back", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  const guest = broker.connect({ userid: 1234, rolemask: Role.User });
  expect(await guest.call(echo, { text: "hi" })).toEqual({ text: "hi", from: 1234 });
});

test("a guest's request for an owner method is refused with EPERM", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  const guest = broker.connect({ userid: 1234, rolemask: Role.User });
  await expect(guest.call(secret)).rejects.toMatchObject({
    code: "EPERM",
    message: "Request requires owner credentials",
  });
});

test("a request that misses a field is answered EPROTO, naming the field", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  await expect(broker.flux.rpc("echo.say", {})).rejects.toMatchObject({
    code: "EPROTO",
    message: "Protocol error: echo.say.text: expected a string",
  });
});

test("an unknown service is ENOSYS, and so is an unknown method of a known one", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  await expect(broker.flux.rpc("nosuch.x")).rejects.toMatchObject({
    code: "ENOSYS",
    message: "No service matching nosuch.x is registered",
  });
  await expect(broker.flux.rpc("echo.x")).rejects.toMatchObject({
    code: "ENOSYS",
    message: "Unknown service method 'echo.x'",
  });
});

test("modules are listed with their extra services, and are gone after removal", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  const { mods } = await broker.flux.call(module.list);
  expect(mods).toMatchObject([{ name: "echo", services: ["echo2"], status: 1 }]);
  await broker.flux.call(module.remove, { name: "echo" });
  expect((await broker.flux.call(module.list)).mods).toEqual([]);
});

test("a published event reaches subscribers of its prefix in sequence", async () => {
  await using broker = await testBroker();
  const seen: string[] = [];
  await broker.flux.subscribe("a.", (topic) => seen.push(topic));
  const { seq } = await broker.flux.call(event.publish, { topic: "a.b", flags: 0 });
  await broker.flux.call(event.publish, { topic: "b.b", flags: 0 });
  expect(seq).toBe(1);
  expect(seen).toEqual(["a.b"]);
});

test("attributes: unset is ENOENT, immutable is EPERM, not changeable is EINVAL", async () => {
  await using broker = await testBroker();
  const { flux } = broker;
  await expect(flux.attr("nosuch")).rejects.toMatchObject({ code: "ENOENT" });
  const set = (name: string) => flux.call(attr.set, { name, value: "1" });
  await expect(set("rank")).rejects.toMatchObject({ code: "EPERM" });
  await expect(set("rundir")).rejects.toMatchObject({ code: "EINVAL" });
  await set("test.x");
  expect(await flux.attr("test.x")).toBe("1");
});

test("ping shows the hops to a module", async () => {
  await using broker = await testBroker({ modules: [echoModule] });
  const { route, rank } = await broker.flux.rpc("echo.ping", { seq: 1 });
  expect(String(route).split("!")).toHaveLength(3);
  expect(rank).toBe(0);
});

test("a module that fails to start fails its loading; one that runs and fails is a crash", async () => {
  await using broker = await testBroker();
  const crashed: string[] = [];
  broker.core.modules.onCrash = ({ name }) => void crashed.push(name);
  const failing = (name: string, when: "start" | "later") =>
    defineModule({
      name,
      host: "inline",
      start(context) {
        if (when === "start") throw new FluxError("EINVAL", "no such luck");
        setImmediate(() => context.fail(new FluxError("EIO")));
        return {};
      },
    });
  await expect(broker.load(failing("never", "start"))).rejects.toMatchObject({ code: "EINVAL" });
  await broker.load(failing("once", "later"));
  await expect.poll(() => crashed).toEqual(["once"]);
});
