import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import { configHosts } from "./config-hosts.ts";

const table: JsonObject = {
  curve_cert: "/etc/flux/curve.cert",
  default_port: 8050,
  default_bind: "tcp://en0:%p",
  default_connect: "tcp://e%h:%p",
  hosts: [
    { host: "fluke0", bind: "tcp://eth0:9001" },
    { host: "fluke[1-3]" },
    { host: "fluke3", parent: "fluke1" },
  ],
};

test("hosts are expanded in order, and templates filled", () => {
  const { hosts, rank, certificate, ipv6 } = configHosts(table, "fluke2");
  expect(hosts).toEqual([
    { host: "fluke0", bind: "tcp://eth0:9001", connect: "tcp://efluke0:8050", parent: undefined },
    { host: "fluke1", bind: "tcp://en0:8050", connect: "tcp://efluke1:8050", parent: undefined },
    { host: "fluke2", bind: "tcp://en0:8050", connect: "tcp://efluke2:8050", parent: undefined },
    { host: "fluke3", bind: "tcp://en0:8050", connect: "tcp://efluke3:8050", parent: "fluke1" },
  ]);
  expect([rank, certificate, ipv6]).toEqual([2, "/etc/flux/curve.cert", false]);
});

test("without hosts the instance is this host alone", () => {
  expect(configHosts({}, "me")).toEqual({
    hosts: [{ host: "me" }],
    rank: 0,
    certificate: undefined,
    ipv6: false,
  });
});

test.each<[string, JsonObject, string]>([
  ["unknown key", { portt: 1 }, "unknown key 'portt'"],
  ["unknown host key", { hosts: [{ host: "me", x: "" }] }, "invalid hosts[0]: unknown key 'x'"],
  ["missing host", { hosts: [{ bind: "tcp://a:1" }] }, "invalid hosts[0]: host is missing"],
  ["bad hostlist", { hosts: [{ host: "me[" }] }, "host key is not a valid RFC 29 hostlist"],
  ["own host missing", { hosts: [{ host: "other" }] }, "me not found in hosts"],
  ["no certificate", { hosts: [{ host: "me" }, { host: "b" }] }, "curve_cert must be defined"],
  ["wildcard", { hosts: [{ host: "me", bind: "tcp://*:*" }] }, "contains 0MQ port wildcard"],
  ["scheme", { hosts: [{ host: "me", bind: "udp://x" }] }, "URI scheme must be tcp or ipc"],
  ["own parent", { hosts: [{ host: "me", parent: "me" }] }, "parent key refers to self"],
  ["parent", { hosts: [{ host: "me", parent: "x" }] }, "parent key refers to unknown host"],
  ["port", { default_port: 70000 }, "default_port must be in the range of 0-65535"],
  ["domain name", { hosts: [{ host: "me_1" }] }, "me_1 is no domain name"],
])("%s is EINVAL", (_name, bad, message) => {
  expect(() => configHosts(bad, "me")).toThrow(message);
});
