import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { config } from "@flux-ts/protocol/services/config";
import { command } from "../../command.ts";
import { parseConfigText, readConfig } from "../../config-files.ts";
import { failedTo } from "../../errors.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "load",
  summary: "Load broker configuration from stdin or PATH",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "[PATH]",
  args: { path: "[PATH]" },
  async run({ args, flux, stdin }) {
    const object =
      args.path === undefined ? await fromText(await stdin.text()) : await fromPath(args.path);
    const handle = await flux();
    await handle.call(config.load, object).catch(failedTo("load"));
  },
});

async function fromPath(path: string): Promise<JsonObject> {
  return readConfig(path).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`Error parsing config: ${error.message}`);
  });
}

/** JSON if it is, else TOML. */
async function fromText(text: string): Promise<JsonObject> {
  return parseConfigText(text, "stdin", "json").catch(() =>
    parseConfigText(text, "TOML parse error", "toml"),
  );
}
