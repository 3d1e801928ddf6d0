import { randomUUID } from "node:crypto";
import { Flux } from "@flux-ts/client/handle";
import { loopPair } from "@flux-ts/client/loop";
import { Role, stamp } from "@flux-ts/protocol/message/credential";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Attributes } from "flux-ts/broker/attributes";
import { BrokerCore } from "flux-ts/broker/core";
import { inlineHost } from "flux-ts/broker/hosts/inline";
import { Port } from "flux-ts/broker/port";
import type { ModuleDefinition } from "flux-ts/plugins/module";

export interface TestBrokerOptions {
  /** Loaded in this order, each when the one before runs. */
  modules?: readonly ModuleDefinition[];
  attrs?: Readonly<Record<string, string>>;
  config?: JsonObject;
  rank?: number;
  size?: number;
}

/** Uid of the instance owner in a test broker. */
export const testOwner = 500;

/** A broker in this process: real router, services and inline modules; no sockets, no overlay. */
export class TestBroker implements AsyncDisposable {
  readonly core: BrokerCore;
  /** A handle with the owner's credential. */
  readonly flux: Flux;
  /** Lines logged to stderr. */
  readonly stderr: string[] = [];

  constructor(options: TestBrokerOptions) {
    const { rank = 0, size = 1 } = options;
    const attributes = new Attributes();
    const attrs = {
      rank: `${rank}`,
      size: `${size}`,
      "security.owner": `${testOwner}`,
      version: "0.88.0",
      hostlist: "test",
      "instance-level": "0",
      ...options.attrs,
    };
    for (const [name, value] of Object.entries(attrs)) attributes.set(name, value);
    this.core = new BrokerCore({
      rank,
      size,
      uuid: randomUUID(),
      owner: testOwner,
      attributes,
      config: options.config ?? {},
      log: { forward() {}, stderr: (text) => void this.stderr.push(text) },
      load: () => Promise.reject(new Error("a test broker loads modules by definition")),
    });
    this.core.router.isOpen = true;
    this.flux = this.connect();
  }

  async load(definition: ModuleDefinition, args: readonly string[] = []): Promise<void> {
    const { name } = definition;
    await this.core.modules.load({
      name,
      path: "builtin",
      args,
      start: (welcome) => inlineHost.start(definition, welcome),
    });
  }

  async unload(name: string): Promise<void> {
    await this.core.modules.remove(name);
  }

  /** Another client; its messages carry this credential, as connector-local would stamp it. */
  connect(credential: { userid?: number; rolemask?: number } = {}): Flux {
    const { userid = testOwner, rolemask = Role.Owner } = credential;
    const [far, near] = loopPair();
    const port = new Port("client", randomUUID(), (message) => far.send(message));
    far.onMessage = (message) => {
      stamp(message, { userid, rolemask: rolemask | Role.Local });
      this.core.router.receiveFromModule(port, message);
    };
    far.onClose = () => this.core.router.removePort(port);
    this.core.router.addPort(port);
    return new Flux(near, { rank: this.core.rank });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { name } of this.core.modules.all.reverse()) await this.unload(name);
    this.flux.close();
  }
}

export async function testBroker(options: TestBrokerOptions = {}): Promise<TestBroker> {
  const broker = new TestBroker(options);
  for (const definition of options.modules ?? []) await broker.load(definition);
  return broker;
}
