import type { Flux } from "@flux-ts/client/handle";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { module } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag } from "../../option.ts";

export const removeOptions = {
  force: flag("-f, --force", "Ignore nonexistent modules"),
  cancel: flag(
    "--cancel",
    "Forcibly stop an unresponsive module thread when it reaches the next pthread(7) cancellation point",
  ),
};

export default command({
  name: "remove",
  summary: "Unload module",
  dialect: "A",
  usage: "[OPTIONS] module",
  args: { module: "MODULE" },
  options: removeOptions,
  async run({ args, options, flux }) {
    await remove(await flux(), args.module, options);
  },
});

export async function remove(
  flux: Flux,
  name: string,
  { force, cancel }: { readonly force: boolean; readonly cancel: boolean },
): Promise<void> {
  const request = cancel ? { name, cancel } : { name };
  await flux.call(module.remove, request).catch((error: unknown) => {
    if (!(force && isErrno(error, "ENOENT"))) failedTo(`remove ${name}`)(error);
  });
}
