import { randomUUID } from "node:crypto";
import type { Request } from "@flux-ts/client/request";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { ModuleStatus } from "@flux-ts/protocol/services/module";
import type { Welcome } from "../plugins/module-runtime.ts";
import type { HostedModule } from "./hosts/module-host.ts";
import { Port } from "./port.ts";
import type { Router } from "./router.ts";

/** A loaded module, from the broker's point of view. */
export interface LoadedModule {
  readonly name: string;
  /** What `flux module list -l` shows: a file, or `builtin`. */
  readonly path: string;
  readonly port: Port;
  readonly hosted: HostedModule;
  status: ModuleStatus;
  /** Errno the module ended with. */
  errnum: number;
  /** It came to RUNNING: until then, what fails is its loading. */
  hasRun: boolean;
  /** It was asked to end. */
  isLeaving: boolean;
  readonly running: Promise<void>;
  readonly exited: Promise<void>;
}

interface Waits {
  readonly running: ReturnType<typeof withResolvers<void>>;
  readonly exited: ReturnType<typeof withResolvers<void>>;
}

export interface ModuleStart {
  name: string;
  path: string;
  args: readonly string[];
  start(welcome: Welcome): HostedModule;
}

/**
 * The modules of a broker and where each is in its life (RFC 5): INIT, RUNNING, FINALIZING, EXITED.
 */
export class ModuleTable {
  readonly #router: Router;
  readonly #modules = new Map<string, LoadedModule>();
  readonly #waits = new WeakMap<LoadedModule, Waits>();
  readonly #welcome: () => { attrs: Record<string, string>; conf: JsonObject };
  /** A running module failed, which nobody had asked to end. */
  onCrash: (module: LoadedModule) => void = () => {};

  constructor(router: Router, welcome: () => { attrs: Record<string, string>; conf: JsonObject }) {
    this.#router = router;
    this.#welcome = welcome;
  }

  /** Start a module and wait until it runs. Throws EEXIST, or what the module failed with. */
  async load({ name, path, args, start }: ModuleStart): Promise<void> {
    if (this.#modules.has(name)) throw new FluxError("EEXIST");
    const uuid = randomUUID();
    const port = new Port(name, uuid, (message) => hosted.transport.send(message));
    this.#router.services.add(name, port);
    this.#router.addPort(port);
    const waits: Waits = { running: withResolvers<void>(), exited: withResolvers<void>() };
    const { attrs, conf } = this.#welcome();
    const hosted = start({ name, uuid, args, attrs, conf });
    const module: LoadedModule = {
      name,
      path,
      port,
      hosted,
      status: ModuleStatus.Init,
      errnum: 0,
      hasRun: false,
      isLeaving: false,
      running: waits.running.promise,
      exited: waits.exited.promise,
    };
    this.#modules.set(name, module);
    this.#waits.set(module, waits);
    waits.running.promise.catch(() => {});
    hosted.transport.onMessage = (message) => {
      port.lastActive = Date.now() / 1000;
      this.#router.receiveFromModule(port, message);
    };
    // Its last words (EXITED) may still be on their way through the router.
    hosted.transport.onClose = () => void setImmediate(() => this.#ended(module));
    await module.running;
  }

  /** Ask a module to end, and wait until it has. ENOENT if there is none. */
  async remove(name: string): Promise<void> {
    const module = this.require(name);
    this.shutdown(module);
    await module.exited;
  }

  /** Ask a module to end: its FINALIZING and EXITED follow. */
  shutdown(module: LoadedModule): void {
    module.isLeaving = true;
    this.#router.sendShutdown(module.port);
  }

  require(name: string): LoadedModule {
    const module = this.#modules.get(name);
    if (!module) throw new FluxError("ENOENT");
    return module;
  }

  get(name: string): LoadedModule | undefined {
    return this.#modules.get(name);
  }

  get all(): LoadedModule[] {
    return [...this.#modules.values()];
  }

  /** The module that sent a request, if a module of this broker did. */
  senderOf(request: Request<unknown>): LoadedModule | undefined {
    const uuid = request.message.routes?.at(-1);
    for (const module of this.#modules.values()) if (module.port.uuid === uuid) return module;
    return undefined;
  }

  /** `module.status` from a module. */
  onStatus(module: LoadedModule, status: ModuleStatus, errnum: number): void {
    module.status = status;
    if (status === ModuleStatus.Running) {
      module.hasRun = true;
      this.#waits.get(module)?.running.resolve();
    } else if (status === ModuleStatus.Finalizing) {
      // From here on requests for its services find nobody (RFC 5).
      this.#router.services.removeAll(module.port);
    } else if (status === ModuleStatus.Exited) {
      module.errnum = errnum;
      this.#ended(module);
    }
  }

  #ended(module: LoadedModule): void {
    if (this.#modules.get(module.name) !== module) return;
    const crashed = module.status !== ModuleStatus.Exited;
    if (crashed) module.errnum ||= 71;
    module.status = ModuleStatus.Exited;
    this.#modules.delete(module.name);
    this.#router.removePort(module.port);
    module.hosted.kill();
    const waits = this.#waits.get(module);
    waits?.running.reject(new FluxError(module.errnum || "ECONNRESET"));
    waits?.exited.resolve();
    if (module.hasRun && !module.isLeaving && module.errnum !== 0) this.onCrash(module);
  }
}
