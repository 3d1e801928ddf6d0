import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { type Json, stringifyJson } from "@flux-ts/protocol/schema/json";
import { command } from "../../command.ts";
import { readConfig } from "../../config-files.ts";
import { flag, text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { liveConfig } from "./live-config.ts";
import { duration, isOfType, typeNamed, type ValueType } from "./value-type.ts";

export default command({
  name: "get",
  summary: "Query broker configuration values",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "[OPTIONS] [NAME]",
  args: { name: "[NAME]" },
  options: {
    configPath: text(
      "-c, --config-path=PATH|system|security|imp",
      "Get broker config from PATH (default: use live config)",
    ),
    type: text(
      "-t, --type=TYPE",
      "Set expected type (any, string, integer, real, boolean, object, array, fsd, fsd-integer, fsd-real)",
      { initial: "any" },
    ),
    quiet: flag("-q, --quiet", 'Suppress printing of "[key] is not set" errors.'),
    default: text("-d, --default=VAL", "Use this value if config key is unset"),
  },
  async run({ args, options, flux, out }) {
    const { name } = args;
    const path = options.configPath;
    const all =
      path === undefined ? await liveConfig(await flux()) : await readConfig(pathOf(path));
    const type = typeNamed(options.type);
    const value: Json | undefined = name === undefined ? all : dottedValue(all, name);
    if (value === undefined) {
      if (options.default === undefined) {
        throw new CommandError(options.quiet ? "" : `${name} is not set`);
      }
      out.line(options.default);
      return;
    }
    if (!isOfType(value, type)) {
      throw new CommandError(`${name ?? "value"} does not have the requested type`);
    }
    out.line(shown(value, type));
  },
});

function shown(value: Json, type: ValueType): string {
  if (typeof value !== "string") return stringifyJson(value);
  const seconds = duration(value);
  if (type === "fsd-integer") return String(Math.trunc(seconds ?? 0));
  return type === "fsd-real" ? (seconds ?? 0).toFixed(6) : value;
}

const configFolder = "/etc/flux";

function pathOf(given: string): string {
  const isNamed = given === "system" || given === "security" || given === "imp";
  return isNamed ? `${configFolder}/${given}/conf.d` : given;
}
