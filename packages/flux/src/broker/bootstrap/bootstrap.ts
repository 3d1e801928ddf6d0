import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";
import {
  type OverlaySettings,
  overlaySettings,
  settingsAttributes,
} from "../../overlay/settings.ts";
import { type BootAttributes, setGroupAttributes } from "./boot-attributes.ts";
import { bootMethod } from "./boot-method.ts";
import { configGroup } from "./config-group.ts";
import { type ConfigHosts, configHosts } from "./config-hosts.ts";
import { pmiGroup } from "./pmi-group.ts";
import { type ProcessGroup, singleGroup } from "./process-group.ts";

export interface BootstrapOptions {
  readonly attributes: BootAttributes;
  readonly config: JsonObject;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
}

/** What a broker knows of its instance before it has met the others. */
export interface Bootstrap {
  readonly rank: number;
  readonly size: number;
  readonly group: ProcessGroup;
  readonly settings: OverlaySettings;
  /** The static configuration, if that is the boot method. */
  readonly hosts: ConfigHosts | undefined;
  /** The instance is a job of another one. */
  readonly isUnderFlux: boolean;
}

/**
 * Find out who this broker is: choose the boot method, ask the launcher, and set the attributes that
 * follow. Throws FluxError if the launcher or the configuration makes no sense.
 */
export async function startBootstrap(options: BootstrapOptions): Promise<Bootstrap> {
  const { attributes, config, env } = options;
  const forced = attributes.get("broker.boot-method");
  const method = bootMethod({ config, env, forced });
  const hosts =
    method === "config" && isJsonObject(config.bootstrap)
      ? configHosts(config.bootstrap, options.hostname)
      : undefined;
  const group = hosts
    ? configGroup(hosts)
    : method === "simple"
      ? await pmiGroup(env)
      : singleGroup();
  const isUnderFlux = await setGroupAttributes(group, attributes, env);
  const { rank, size } = group;
  const asked = overlaySettings({
    config,
    attr: (name) => attributes.get(name),
    env: (name) => env[name],
  });
  // More I/O threads pay where all messages meet; elsewhere they only take memory.
  const settings = rank === 0 ? asked : { ...asked, ioThreads: 1 };
  for (const [name, value] of Object.entries(settingsAttributes(settings))) {
    attributes.set(name, value);
  }
  return { rank, size, group, settings, hosts, isUnderFlux };
}
