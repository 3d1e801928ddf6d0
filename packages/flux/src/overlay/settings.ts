import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import { formatDuration, parseDuration } from "@flux-ts/protocol/text/duration";
import type { LivenessSettings } from "./liveness.ts";

/** How a broker's overlay is set up (wire-broker §2.8). Times in seconds. */
export interface OverlaySettings extends LivenessSettings {
  /** Shape of the tree, such as `kary:32`. */
  readonly topo: string;
  /** How to choose the address that children connect to. */
  readonly interfaceHint: string;
  /** Use TCP even where all peers are on one node. */
  readonly preferTcp: boolean;
  /** 0: off. */
  readonly tcpUserTimeoutSeconds: number;
  readonly connectTimeoutSeconds: number;
  /** Log what happens to connections. */
  readonly debug: boolean;
  readonly childReceiveLimit: number;
  readonly ioThreads: number;
}

/** Where settings come from: attributes win over the configuration, that over the default. */
export interface SettingsSource {
  readonly config: JsonObject;
  /** Value of an attribute that somebody has set. */
  attr(name: string): string | undefined;
  env(name: string): string | undefined;
}

const defaults = { torpidMin: 5, torpidMax: 30, tcpUserTimeout: 20, connectTimeout: 30 };

/** The settings of a broker that starts. Throws EINVAL naming the attribute or key that is wrong. */
export function overlaySettings(source: SettingsSource): OverlaySettings {
  const table = tbonTable(source.config);
  const liveness = {
    torpidMin: duration(source, table, "torpid_min", defaults.torpidMin),
    torpidMax: duration(source, table, "torpid_max", defaults.torpidMax),
  };
  checkLiveness(liveness);
  const childReceiveLimit = integer(source, table, "child_rcvhwm", 0);
  if (childReceiveLimit < 0 || childReceiveLimit === 1) {
    throw new FluxError("EINVAL", "tbon.child_rcvhwm must be 0 (unlimited) or >= 2");
  }
  const ioThreads = integer(source, table, "zmq_io_threads", 1);
  if (ioThreads < 1) throw new FluxError("EINVAL", "tbon.zmq_io_threads must be >= 1");
  return {
    ...liveness,
    topo: topologyUri(source, table),
    interfaceHint: interfaceHint(source, table),
    preferTcp: integer(source, {}, "prefertcp", 0) !== 0,
    tcpUserTimeoutSeconds: duration(source, table, "tcp_user_timeout", defaults.tcpUserTimeout),
    connectTimeoutSeconds: duration(source, table, "connect_timeout", defaults.connectTimeout),
    debug: integer(source, table, "zmqdebug", 0) !== 0,
    childReceiveLimit,
    ioThreads,
  };
}

/** The attributes that show the settings. */
export function settingsAttributes(settings: OverlaySettings): Readonly<Record<string, string>> {
  return {
    "tbon.topo": settings.topo,
    "tbon.interface-hint": settings.interfaceHint,
    "tbon.prefertcp": settings.preferTcp ? "1" : "0",
    "tbon.tcp_user_timeout": formatDuration(settings.tcpUserTimeoutSeconds),
    "tbon.connect_timeout": formatDuration(settings.connectTimeoutSeconds),
    "tbon.zmqdebug": settings.debug ? "1" : "0",
    "tbon.child_rcvhwm": `${settings.childReceiveLimit}`,
    "tbon.zmq_io_threads": `${settings.ioThreads}`,
    ...livenessAttributes(settings),
  };
}

export function livenessAttributes(settings: LivenessSettings): Readonly<Record<string, string>> {
  return {
    "tbon.torpid_min": formatDuration(settings.torpidMin),
    "tbon.torpid_max": formatDuration(settings.torpidMax),
  };
}

/** What a configuration changes in a running broker: only the limits of silence. Throws EINVAL. */
export function changedLiveness(config: JsonObject, current: LivenessSettings): LivenessSettings {
  const table = tbonTable(config);
  const nobody: SettingsSource = { config, attr: () => undefined, env: () => undefined };
  const changed = {
    torpidMin: duration(nobody, table, "torpid_min", current.torpidMin),
    torpidMax: duration(nobody, table, "torpid_max", current.torpidMax),
  };
  checkLiveness(changed);
  return changed;
}

function checkLiveness({ torpidMin, torpidMax }: LivenessSettings): void {
  if (torpidMin === 0) throw new FluxError("EINVAL", "tbon.torpid_min must be nonzero");
  if (torpidMax !== 0 && torpidMin >= torpidMax) {
    throw new FluxError("EINVAL", "tbon.torpid_min must be less than torpid_max");
  }
}

function tbonTable(config: JsonObject): JsonObject {
  const table = config.tbon ?? {};
  if (isJsonObject(table)) return table;
  throw new FluxError("EINVAL", "Config file error [tbon]: expected a table");
}

function topologyUri(source: SettingsSource, table: JsonObject): string {
  const fanout = source.attr("tbon.fanout");
  const byDefault = isJsonObject(source.config.bootstrap) ? "custom" : "kary:32";
  return (
    source.attr("tbon.topo") ??
    (fanout === undefined ? undefined : `kary:${fanout}`) ??
    text(table, "topo") ??
    byDefault
  );
}

function interfaceHint(source: SettingsSource, table: JsonObject): string {
  return (
    source.attr("tbon.interface-hint") ??
    text(table, "interface-hint") ??
    source.env("FLUX_IPADDR_INTERFACE") ??
    (source.env("FLUX_IPADDR_HOSTNAME") === undefined ? "default-route" : "hostname")
  );
}

function duration(
  source: SettingsSource,
  table: JsonObject,
  key: string,
  otherwise: number,
): number {
  const attribute = source.attr(`tbon.${key}`);
  const given = attribute ?? text(table, key);
  if (given === undefined) return otherwise;
  try {
    return parseDuration(given);
  } catch (cause) {
    const where = attribute === undefined ? "Config file error parsing" : "error parsing attribute";
    throw new FluxError("EINVAL", `${where} tbon.${key}: "${given}" is no duration`, { cause });
  }
}

function integer(
  source: SettingsSource,
  table: JsonObject,
  key: string,
  otherwise: number,
): number {
  const attribute = source.attr(`tbon.${key}`);
  if (attribute !== undefined) {
    if (/^\s*[-+]?\d{1,9}$/.test(attribute)) return Number(attribute);
    throw new FluxError("EINVAL", `tbon.${key} value must be an integer`);
  }
  const value = table[key] ?? otherwise;
  if (typeof value === "number" && Number.isInteger(value)) return value;
  throw new FluxError("EINVAL", `Config file error [tbon]: ${key} must be an integer`);
}

function text(table: JsonObject, key: string): string | undefined {
  const value = table[key];
  if (value === undefined || typeof value === "string") return value;
  throw new FluxError("EINVAL", `Config file error [tbon]: ${key} must be a string`);
}
