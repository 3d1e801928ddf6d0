import type { Transport } from "@flux-ts/client/transport";
import type { ModuleHost } from "../../plugins/module.ts";
import type { Welcome } from "../../plugins/module-runtime.ts";

/** The broker's side of a module that was started. */
export interface HostedModule {
  /** The broker's end of the module's connection. */
  readonly transport: Transport & { readonly backlog?: number };
  /** End the module without its help: its thread or process. Nothing happens if it is gone. */
  kill(): void;
}

/** Starts modules of one kind of host. `source` is what the loader found. */
export interface Host<Source> {
  readonly kind: ModuleHost;
  start(source: Source, welcome: Welcome): HostedModule;
}
