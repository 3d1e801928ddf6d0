import type { Flux } from "@flux-ts/client/handle";
import { module } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag, text } from "../../option.ts";
import { modulePath } from "./module-path.ts";

export const loadOptions = {
  name: text("--name=NAME", "Override default module name"),
  exec: flag("--exec", "Load module as a separate process"),
  loader: text("--loader=PATH", "Use the specified loader program"),
};

export default command({
  name: "load",
  summary: "Load module",
  dialect: "A",
  usage: "[OPTIONS] module",
  args: { module: "MODULE", args: "[ARGS...]" },
  options: loadOptions,
  async run({ args, options, flux }) {
    const path = modulePath(args.module);
    await load(await flux(), path, args.args, options);
  },
});

interface LoadOptions {
  readonly name: string | undefined;
  readonly exec: boolean;
  readonly loader: string | undefined;
}

export async function load(
  flux: Flux,
  path: string,
  args: readonly string[],
  { name, exec, loader }: LoadOptions,
): Promise<void> {
  await flux
    .call(module.load, {
      path,
      args: [...args],
      ...(name !== undefined && { name }),
      ...(loader !== undefined && { loader }),
      ...(exec && { exec }),
    })
    .catch(failedTo(`load ${path}`));
}
