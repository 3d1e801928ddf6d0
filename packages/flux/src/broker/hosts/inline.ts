import { loopPair } from "@flux-ts/client/loop";
import type { ModuleDefinition } from "../../plugins/module.ts";
import { ModuleRuntime } from "../../plugins/module-runtime.ts";
import type { Host } from "./module-host.ts";

/** Modules in the broker's own event loop: messages pass by reference. */
export const inlineHost: Host<ModuleDefinition> = {
  kind: "inline",
  start(definition, welcome) {
    const [far, near] = loopPair();
    const runtime = new ModuleRuntime(near, definition, welcome);
    void runtime.run();
    return { transport: far, kill: () => far.close() };
  },
};
