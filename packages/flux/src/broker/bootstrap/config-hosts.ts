import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";

/** A broker of the static configuration; its rank is its place in the list. */
export interface ConfigHost {
  readonly host: string;
  /** Where it binds for its children. */
  readonly bind?: string | undefined;
  /** Where its children connect to. */
  readonly connect?: string | undefined;
  readonly parent?: string | undefined;
}

export interface ConfigHosts {
  readonly hosts: readonly ConfigHost[];
  readonly rank: number;
  /** Path of the certificate that all brokers share. */
  readonly certificate: string | undefined;
  readonly ipv6: boolean;
}

const hostKeys = ["host", "bind", "connect", "parent"] as const;
type HostEntry = { [K in (typeof hostKeys)[number]]?: string };
const maxIpcPath = 108;

/**
 * Read the `[bootstrap]` table (wire-broker §3.2) as the broker on `hostname`. Unknown keys are errors:
 * a misspelled one would silently give another tree. Throws EINVAL.
 */
export function configHosts(table: JsonObject, hostname: string): ConfigHosts {
  const known = ["hosts", "curve_cert", "default_port", "default_bind", "default_connect"];
  for (const key of Object.keys(table)) {
    if (!known.includes(key) && key !== "enable_ipv6") throw bad(`unknown key '${key}'`);
  }
  const templates = {
    port: port(table.default_port),
    bind: text(table, "default_bind"),
    connect: text(table, "default_connect"),
  };
  const certificate = text(table, "curve_cert");
  const ipv6 = table.enable_ipv6 ?? false;
  if (typeof ipv6 !== "boolean") throw bad("enable_ipv6 must be a boolean");
  const entries = expand(table.hosts);
  if (entries.size === 0) return { hosts: [{ host: hostname }], rank: 0, certificate, ipv6 };
  const hosts = [...entries].map(([host, entry], index) =>
    checked(host, entry, templates, (name) => entries.has(name), index),
  );
  const rank = hosts.findIndex(({ host }) => host === hostname);
  if (rank < 0) throw bad(`${hostname} not found in hosts`);
  if (hosts.length > 1 && certificate === undefined) {
    throw bad("curve_cert must be defined for size > 1");
  }
  return { hosts, rank, certificate, ipv6 };
}

interface Templates {
  readonly port: number | undefined;
  readonly bind: string | undefined;
  readonly connect: string | undefined;
}

/** The entries by single host, in order; of a host that comes again only the missing keys count. */
function expand(list: Json | undefined): Map<string, HostEntry> {
  const entries = new Map<string, HostEntry>();
  if (list === undefined) return entries;
  if (!Array.isArray(list)) throw bad("hosts must be an array");
  list.forEach((item, index) => {
    const where = `invalid hosts[${index}]`;
    if (!isJsonObject(item)) throw bad(`${where}: must be a table`);
    for (const key of Object.keys(item)) {
      if (!hostKeys.some((known) => known === key)) throw bad(`${where}: unknown key '${key}'`);
    }
    const { host = undefined, ...rest } = entryOf(item, where);
    if (host === undefined) throw bad(`${where}: host is missing`);
    for (const name of hostsOf(host, where)) {
      entries.set(name, { ...rest, ...entries.get(name) });
    }
  });
  return entries;
}

function entryOf(item: JsonObject, where: string): HostEntry {
  const entry: HostEntry = {};
  for (const key of hostKeys) {
    const value = item[key];
    if (value === undefined) continue;
    if (typeof value !== "string") throw bad(`${where}: ${key} must be a string`);
    entry[key] = value;
  }
  return entry;
}

function hostsOf(text: string, where: string): Iterable<string> {
  try {
    return Hostlist.parse(text);
  } catch (cause) {
    if (!(cause instanceof FluxError)) throw cause;
    throw bad(`${where}: host key is not a valid RFC 29 hostlist`);
  }
}

function checked(
  host: string,
  entry: HostEntry,
  templates: Templates,
  isHost: (name: string) => boolean,
  index: number,
): ConfigHost {
  const where = `invalid hosts[${index}]`;
  const label = host.split(".").find((word) => !/^(?!-)[A-Za-z0-9-]{1,63}(?<!-)$/.test(word));
  if (label !== undefined) throw bad(`${where}: ${host} is no domain name`);
  if (entry.parent === host) throw bad(`${where}: parent key refers to self`);
  if (entry.parent !== undefined && !isHost(entry.parent)) {
    throw bad(`${where}: parent key refers to unknown host`);
  }
  const uri = (key: "bind" | "connect"): string | undefined => {
    const template = entry[key] ?? templates[key];
    if (template === undefined) return undefined;
    const filled = fill(template, host, templates.port);
    const problem = uriProblem(filled);
    if (problem !== undefined) throw bad(`${where}: ${key} key ${filled} ${problem}`);
    return filled;
  };
  return { host, bind: uri("bind"), connect: uri("connect"), parent: entry.parent };
}

/** `%h` host, `%p` port, `%%` percent sign. */
function fill(template: string, host: string, portNumber: number | undefined): string {
  return template.replace(/%[hp%]/g, (token) => {
    if (token === "%h") return host;
    return token === "%p" ? `${portNumber ?? -1}` : "%";
  });
}

function uriProblem(uri: string): string | undefined {
  if (!uri.includes("://")) return "has no URI scheme";
  if (uri.includes(":*")) return "contains 0MQ port wildcard";
  const rest = uri.slice("tcp://".length);
  if (uri.startsWith("ipc://")) {
    if (rest === "") return "socket path is empty";
    return rest.length > maxIpcPath ? `socket path must not exceed ${maxIpcPath} bytes` : undefined;
  }
  if (!uri.startsWith("tcp://")) return "URI scheme must be tcp or ipc";
  return rest === "" ? "address is empty" : undefined;
}

function text(table: JsonObject, key: string): string | undefined {
  const value = table[key];
  if (value === undefined || typeof value === "string") return value;
  throw bad(`${key} must be a string`);
}

function port(value: Json | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 65535) {
    return value;
  }
  throw bad("default_port must be in the range of 0-65535");
}

function bad(text: string): FluxError {
  return new FluxError("EINVAL", `Config file error [bootstrap]: ${text}`);
}
