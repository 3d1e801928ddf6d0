import type { Flux } from "@flux-ts/client/handle";
import { type SchedResources, schedResources, schedResourcesOf } from "@flux-ts/client/resource";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { Environment } from "../../environment.ts";
import type { Input } from "../../output/output.ts";
import { CommandError } from "../../usage-error.ts";
import { configuration, filtered } from "./instance-resources.ts";

export const listedStates = ["up", "down", "allocated", "free", "all"] as const;
export type ListedState = (typeof listedStates)[number];

export interface ListOptions {
  readonly queue: readonly string[];
  readonly include: string | undefined;
  readonly fromStdin: boolean;
  readonly configFile: string | undefined;
}

interface Surroundings {
  flux(): Promise<Flux>;
  readonly stdin: Input;
  readonly env: Environment;
  warn(text: string): void;
}

/** The states of `--states`. */
export function parseStates(text: string): ListedState[] {
  return text.split(",").map((given) => {
    const state = listedStates.find((name) => name === given);
    if (!state) throw new CommandError(`Invalid resource state ${given} specified`);
    return state;
  });
}

/** What the scheduler has, limited as the options say, and the instance's configuration. */
export async function listedResources(
  options: ListOptions,
  { flux, stdin, env, warn }: Surroundings,
): Promise<{ resources: SchedResources; settings: JsonObject }> {
  const { fromStdin, configFile } = options;
  if (fromStdin) {
    const settings = await configuration(undefined, configFile);
    const resources = schedResourcesOf(statusOf(await stdin.text()));
    return { resources: filtered(resources, settings, options), settings };
  }
  const handle = await flux();
  const [resources, settings] = await Promise.all([
    schedResources(handle, env.FLUX_RESOURCE_LIST_RPC || undefined),
    configuration(flux, undefined).catch((error: unknown) => {
      warn(`Could not get flux config: ${error instanceof Error ? error.message : error}`);
      return {};
    }),
  ]);
  return { resources: filtered(resources, settings, options), settings };
}

const emptyR = { version: 1, execution: { R_lite: [] } };

function statusOf(text: string): { all: JsonObject; down: JsonObject; allocated: JsonObject } {
  const status = parseJson(text);
  const part = (name: string): JsonObject => {
    const R = isJsonObject(status) ? status[name] : undefined;
    return isJsonObject(R) ? R : emptyR;
  };
  return { all: part("all"), down: part("down"), allocated: part("allocated") };
}
