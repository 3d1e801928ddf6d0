import { Flux } from "@flux-ts/client/handle";
import type { Transport } from "@flux-ts/client/transport";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { log } from "@flux-ts/protocol/services/log";
import { ModuleStatus, module } from "@flux-ts/protocol/services/module";
import { formatLogLine, logTime } from "./log-line.ts";
import type { ModuleContext, ModuleDefinition, ModuleInstance, Severity } from "./module.ts";
import { serveDefaults } from "./module-defaults.ts";

/** What a module starts with (RFC 5 welcome). */
export interface Welcome {
  readonly name: string;
  readonly uuid: string;
  readonly args: readonly string[];
  readonly attrs: Readonly<Record<string, string>>;
  readonly conf: JsonObject;
}

/** Requests kept while a module is starting; more are refused with EAGAIN. */
const maxHeld = 100_000;

/**
 * Runs one module on one transport, the same way in every host: starts it, holds requests until it
 * runs, answers the default methods, and takes it through FINALIZING to EXITED (RFC 5).
 */
export class ModuleRuntime implements ModuleContext {
  readonly name: string;
  readonly uuid: string;
  readonly args: readonly string[];
  readonly flux: Flux;
  readonly rank: number;
  readonly size: number;
  config: JsonObject;
  debugFlags = 0;
  readonly #attrs: Readonly<Record<string, string>>;
  readonly #definition: ModuleDefinition;
  #instance: ModuleInstance = {};
  #exiting = false;

  constructor(transport: Transport, definition: ModuleDefinition, welcome: Welcome) {
    this.name = welcome.name;
    this.uuid = welcome.uuid;
    this.args = welcome.args;
    this.config = welcome.conf;
    this.#attrs = welcome.attrs;
    this.rank = Number(welcome.attrs.rank ?? 0);
    this.size = Number(welcome.attrs.size ?? 1);
    this.#definition = definition;
    this.flux = new Flux(transport, { rank: this.rank });
    this.flux.dispatcher.pause(maxHeld);
    this.flux.dispatcher.onDefect = (error, topic) => {
      this.log(3, `${topic}: ${error instanceof Error ? error.stack : error}`);
    };
  }

  attr(name: string): string | undefined {
    return this.#attrs[name];
  }

  get instance(): ModuleInstance {
    return this.#instance;
  }

  /** Start the module and report RUNNING, or EXITED with the errno it failed with. */
  async run(): Promise<void> {
    try {
      serveDefaults(this);
      this.#instance = await this.#definition.start(this);
      for (const service of this.#definition.services ?? []) await this.flux.addService(service);
    } catch (error) {
      await this.#exit(error);
      return;
    }
    if (this.#exiting) return;
    this.flux.send(module.status, { status: ModuleStatus.Running });
    this.flux.dispatcher.resume();
  }

  /** `NAME.shutdown` came: finalize, then exit. */
  shutdown(): void {
    void this.#exit(undefined);
  }

  fail(error: unknown): void {
    void this.#exit(error);
  }

  leave(): void {
    void this.#exit(undefined);
  }

  log(severity: Severity, text: string): void {
    const time = logTime(Date.now() / 1000);
    for (const line of text.split("\n")) {
      if (line === "") continue;
      const record = { severity, time, hostname: `${this.rank}`, appname: this.name, procid: "-" };
      this.flux.send(log.append, encodeUtf8(formatLogLine({ ...record, text: line })));
    }
  }

  async #exit(error: unknown): Promise<void> {
    if (this.#exiting) return;
    this.#exiting = true;
    let failure = error;
    // The broker stops routing to us once it has seen FINALIZING (RFC 5), so nothing arrives after.
    await this.flux.call(module.status, { status: ModuleStatus.Finalizing }).catch(() => {});
    try {
      await this.#instance.stop?.();
    } catch (stopError) {
      failure ??= stopError;
    }
    if (failure !== undefined) this.log(3, `module exiting abnormally: ${describe(failure)}`);
    const errnum = failure === undefined ? 0 : failure instanceof FluxError ? failure.errnum : 71;
    this.flux.send(module.status, { status: ModuleStatus.Exited, errnum });
    this.flux.close();
  }
}

function describe(error: unknown): string {
  if (error instanceof FluxError) {
    return error.hasText ? error.message : errnoText(error.errnum);
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
