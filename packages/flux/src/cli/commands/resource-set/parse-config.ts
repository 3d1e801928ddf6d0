import { existsSync, readFileSync } from "node:fs";
import { resourceSetFromConfig } from "@flux-ts/protocol/resource/resource-config";
import type { ResourceSet } from "@flux-ts/protocol/resource/resource-set";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { command } from "../../command.ts";
import { readConfig } from "../../config-files.ts";
import { CommandError } from "../../usage-error.ts";
import { textOfR } from "../resource/text-of-r.ts";

export default command({
  name: "parse-config",
  summary: "Read config from resource.config array",
  dialect: "A",
  usage: "PATH",
  args: { path: "[PATH...]" },
  async run({ args, out }) {
    const { resource } = await configuration(args.path[0]);
    if (!isJsonObject(resource)) {
      throw new CommandError("Config file error: Object item not found: resource");
    }
    const set = configuredSet(resource);
    const { scheduling } = resource;
    if (typeof scheduling === "string") {
      const value = readJson(scheduling, "resource.scheduling: ");
      set.scheduling = isJsonObject(value) ? value : undefined;
    }
    out.line(textOfR(set));
  },
});

async function configuration(path: string | undefined): Promise<JsonObject> {
  if (path === undefined) throw new CommandError("flux_conf_parse: Invalid argument");
  try {
    return await readConfig(path);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const step = existsSync(path) ? "" : "stat: ";
    throw new CommandError(`flux_conf_parse: ${step}${error.message}`);
  }
}

function configuredSet({ config, path }: JsonObject): ResourceSet {
  if (config !== undefined) {
    try {
      return resourceSetFromConfig(config);
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      throw new CommandError(`Config file error: ${error.message}`);
    }
  }
  if (typeof path !== "string") {
    throw new CommandError("Config file error: resource.config or resource.path must be defined");
  }
  try {
    return parseR(readJson(path, ""));
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`${path}: ${error.message}`);
  }
}

function readJson(path: string, prefix: string): Json {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new CommandError(`${prefix}${path}: unable to open ${path}: No such file or directory`);
  }
  try {
    return parseJson(text);
  } catch (error) {
    throw new CommandError(`${prefix}${path}: ${(error as Error).message}`);
  }
}
