import { Flux } from "@flux-ts/client/handle";
import { loopPair } from "@flux-ts/client/loop";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { attr } from "@flux-ts/protocol/services/attr";
import { event } from "@flux-ts/protocol/services/event";
import { log } from "@flux-ts/protocol/services/log";
import { module } from "@flux-ts/protocol/services/module";
import { service } from "@flux-ts/protocol/services/service";
import type { Attributes } from "./attributes.ts";
import { BrokerLog, type LogOutputs } from "./broker-log.ts";
import { ModuleTable } from "./module-table.ts";
import { Router } from "./router.ts";
import { attrService } from "./services/attr-service.ts";
import { eventService } from "./services/event-service.ts";
import { logService, setStderrLevel } from "./services/log-service.ts";
import { type LoadModule, moduleService } from "./services/module-service.ts";
import { serviceService } from "./services/service-service.ts";

/** Services that live in the broker itself rather than in a module. */
const ownServices = [
  "broker",
  "log",
  "attr",
  "event",
  "service",
  "module",
  "bootstrap",
  "runat",
  "state-machine",
  "shutdown",
  "heaptrace",
] as const;

export interface CoreOptions {
  rank: number;
  size: number;
  uuid: string;
  owner: number;
  attributes: Attributes;
  config: JsonObject;
  log: LogOutputs;
  load: LoadModule;
}

/**
 * The part of a broker that needs no network and no processes: router, attributes, log, modules and
 * the services that manage them. The broker adds the overlay, run levels and the process around it.
 */
export class BrokerCore {
  readonly rank: number;
  readonly size: number;
  readonly uuid: string;
  readonly attributes: Attributes;
  readonly router: Router;
  readonly modules: ModuleTable;
  readonly log: BrokerLog;
  /** The broker's own handle: serves its services and calls those of modules. */
  readonly flux: Flux;
  config: JsonObject;
  /** A new configuration came from the parent. */
  onConfig: (config: JsonObject) => void = () => {};

  constructor(options: CoreOptions) {
    const { rank, size, uuid, owner, attributes } = options;
    this.rank = rank;
    this.size = size;
    this.uuid = uuid;
    this.attributes = attributes;
    this.config = options.config;
    this.router = new Router({ rank, size, uuid, owner });
    this.log = new BrokerLog(rank, attributes, options.log);
    this.modules = new ModuleTable(this.router, () => ({
      attrs: attributes.immutables,
      conf: this.config,
    }));
    const [far, near] = loopPair();
    this.flux = new Flux(near, { rank });
    this.router.attachSelf(far, ownServices);
    this.router.onOddity = (text) => this.log.log("broker", 3, text);
    this.#serve(options.load);
  }

  #serve(load: LoadModule): void {
    const { flux, attributes } = this;
    flux.serveAll(attr, attrService(attributes));
    flux.serveAll(event, eventService(this.router));
    flux.serveAll(service, serviceService(this.router));
    flux.serveAll(log, logService(this.log, attributes));
    flux.serveAll(module, moduleService(this.modules, this.router, load));
    flux.dispatcher.onDefect = (error, topic) => {
      this.log.log("broker", 3, `${topic}: ${error instanceof Error ? error.stack : error}`);
    };
    attributes.onUpdate = (name, value) => {
      if (name === "log-stderr-level") setStderrLevel(this.log, value);
    };
  }
}
