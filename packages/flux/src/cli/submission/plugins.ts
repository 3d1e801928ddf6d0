import type { Output } from "../output/output.ts";
import { shapeOptions } from "./options.ts";

/** Documentation of the options that flux-core has from a plugin, for `--help=OPTION`. */
export const pluginTopics: Readonly<Record<string, string>> = {
  "resources-shape": shapeOptions.resourcesShape.help,
  "resources-json": shapeOptions.resourcesJson.help,
};

/** What `--list-plugins` prints. */
export function printPlugins(out: Output): void {
  out.line("Options provided by plugins:");
  out.line("  (built in)");
  out.line("");
  for (const { spec, help } of Object.values(shapeOptions)) {
    out.line(`  ${spec.replace(/=.*/, "").padEnd(21)} ${help}`);
  }
  out.line("");
}
