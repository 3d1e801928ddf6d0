import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";
import {
  changedLiveness,
  type OverlaySettings,
  overlaySettings,
  settingsAttributes,
} from "./settings.ts";

function settings(
  attrs: Record<string, string> = {},
  config: JsonObject = {},
  env: Record<string, string> = {},
): OverlaySettings {
  return overlaySettings({ config, attr: (name) => attrs[name], env: (name) => env[name] });
}

test("the defaults are those of flux-core", () => {
  expect(settingsAttributes(settings())).toEqual({
    "tbon.topo": "kary:32",
    "tbon.interface-hint": "default-route",
    "tbon.prefertcp": "0",
    "tbon.tcp_user_timeout": "20s",
    "tbon.connect_timeout": "30s",
    "tbon.zmqdebug": "0",
    "tbon.child_rcvhwm": "0",
    "tbon.zmq_io_threads": "1",
    "tbon.torpid_min": "5s",
    "tbon.torpid_max": "30s",
  });
});

test("attributes win over the configuration, that over the environment and the defaults", () => {
  const config = { tbon: { topo: "binomial", torpid_max: "1m", "interface-hint": "eth0" } };
  const env = { FLUX_IPADDR_INTERFACE: "ib0", FLUX_IPADDR_HOSTNAME: "" };
  expect(settings({ "tbon.topo": "kary:2" }, config, env)).toMatchObject({
    topo: "kary:2",
    torpidMax: 60,
    interfaceHint: "eth0",
  });
  expect(settings({}, config).topo).toBe("binomial");
  expect(settings({}, {}, env).interfaceHint).toBe("ib0");
  expect(settings({}, {}, { FLUX_IPADDR_HOSTNAME: "1" }).interfaceHint).toBe("hostname");
  expect(settings({ "tbon.fanout": "4" }).topo).toBe("kary:4");
  expect(settings({}, { bootstrap: {} }).topo).toBe("custom");
});

test("impossible settings are EINVAL and say what is wrong", () => {
  expect(() => settings({ "tbon.torpid_min": "0" })).toThrow("tbon.torpid_min must be nonzero");
  expect(() => settings({ "tbon.torpid_min": "31" })).toThrow("less than torpid_max");
  expect(settings({ "tbon.torpid_min": "31", "tbon.torpid_max": "0" }).torpidMin).toBe(31);
  expect(() => settings({ "tbon.torpid_max": "x" })).toThrow('tbon.torpid_max: "x" is no duration');
  expect(() => settings({}, { tbon: { torpid_max: 5 } })).toThrow("torpid_max must be a string");
  expect(() => settings({ "tbon.child_rcvhwm": "1" })).toThrow("must be 0 (unlimited) or >= 2");
  expect(() => settings({ "tbon.zmq_io_threads": "0" })).toThrow("must be >= 1");
  expect(() => settings({ "tbon.prefertcp": "yes" })).toThrow(
    "tbon.prefertcp value must be an integer",
  );
  expect(() => settings({}, { tbon: [] })).toThrow("expected a table");
});

test("a configuration changes the limits of a running broker, and nothing if it is wrong", () => {
  const current = { torpidMin: 5, torpidMax: 30 };
  expect(changedLiveness({}, current)).toEqual(current);
  expect(changedLiveness({ tbon: { torpid_max: "10s" } }, current).torpidMax).toBe(10);
  expect(() => changedLiveness({ tbon: { torpid_max: "1s" } }, current)).toThrow("must be less");
});
