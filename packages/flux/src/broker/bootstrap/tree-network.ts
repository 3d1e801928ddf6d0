import { newKeyPair, readCertificate } from "@flux-ts/client/certificate";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { BrokerState, stateMachine } from "@flux-ts/protocol/services/state-machine";
import type { KeyPair } from "@flux-ts/protocol/text/certificate";
import { Hostlist } from "@flux-ts/protocol/text/hostlist";
import { Idset } from "@flux-ts/protocol/text/idset";
import { Taskmap } from "@flux-ts/protocol/text/taskmap";
import { Overlay } from "../../overlay/overlay.ts";
import { livenessAttributes } from "../../overlay/settings.ts";
import type { SocketSettings } from "../../overlay/socket.ts";
import { Topology } from "../../overlay/topology.ts";
import { defineModule, type ModuleDefinition } from "../../plugins/module.ts";
import type { BrokerCore } from "../core.ts";
import { inlineHost } from "../hosts/inline.ts";
import type { Network, NetworkEvents } from "../network.ts";
import { type BootAttributes, hostlistOf } from "./boot-attributes.ts";
import type { Bootstrap } from "./bootstrap.ts";
import { endpointKinds, sameNode } from "./endpoints.ts";
import { CardFile, exchangeCards } from "./exchange.ts";
import { notifyParent } from "./notify-parent.ts";
import { ownAddress } from "./own-address.ts";

export interface TreeNetworkOptions {
  readonly attributes: BootAttributes;
  readonly hostname: string;
  readonly uuid: string;
  /** Such as `0.88.0`. */
  readonly version: string;
}

/** Joins the brokers of an instance, whatever its size, to a tree. */
export class TreeNetwork implements Network {
  readonly uplink: Overlay;
  readonly #boot: Bootstrap;
  readonly #options: TreeNetworkOptions;
  readonly #topology: Topology;
  #hostlist = Hostlist.from([]);
  #core: BrokerCore | undefined;
  #events: NetworkEvents | undefined;

  constructor(boot: Bootstrap, options: TreeNetworkOptions) {
    const { rank, size, settings, hosts } = boot;
    this.#boot = boot;
    this.#options = options;
    this.#topology = new Topology(settings.topo, size, hosts?.hosts);
    this.uplink = new Overlay(
      {
        rank,
        uuid: options.uuid,
        version: options.version,
        hostname: options.hostname,
        topology: this.#topology,
        liveness: settings,
        hostOf: (other) => this.#hostlist.nth(other) ?? "(null)",
      },
      {
        receive: (message) => this.#core?.router.receiveFromPeer(message),
        receiveEvent: (event) => this.#core?.router.receiveEvent(event),
        log: (severity, text) => this.#core?.log.log("overlay", severity, text),
        parentFailed: (reason) => this.#events?.onParentFail(reason),
        childrenChanged: (count) => {
          if (count === 0) this.#events?.onChildrenGone();
        },
      },
    );
  }

  get childCount(): number {
    return this.uplink.onlineCount;
  }

  /** Meet the other brokers, then let the children in and connect to the parent. */
  async start(core: BrokerCore, events: NetworkEvents): Promise<void> {
    this.#core = core;
    this.#events = events;
    const { group, size, rank } = this.#boot;
    const { attributes } = this.#options;
    const cards = new CardFile(group);
    const parent = size === 1 ? undefined : await this.#meet(cards);
    await this.#setHostlist(cards);
    for (const [name, value] of Object.entries(this.#treeAttributes())) attributes.set(name, value);
    if (this.#boot.isUnderFlux && rank === 0) {
      await notifyParent(attributes, this.#options.hostname);
    }
    await group.finalize();
    await core.modules.load({
      name: "overlay",
      path: "builtin",
      args: [],
      start: (welcome) => inlineHost.start(this.#module(core), welcome),
    });
    if (parent) {
      attributes.set("tbon.parent-endpoint", parent.endpoint);
      this.uplink.connect(parent.endpoint, parent.key);
    }
    this.uplink.start();
  }

  goodbye(): Promise<void> {
    return this.uplink.goodbye();
  }

  close(): Promise<void> {
    this.uplink.close();
    return Promise.resolve();
  }

  /** Bind, exchange what has to be known, and return where the parent is. */
  async #meet(cards: CardFile): Promise<{ endpoint: string; key: string } | undefined> {
    const { group, rank, hosts } = this.#boot;
    const keys = this.#keys();
    const children = this.#topology.childrenOf(rank);
    const parent = this.#topology.parentOf(rank);
    const bound = await this.uplink.bind(keys, await this.#endpoints(), this.#socketSettings());
    if (!hosts) {
      const card = { host: this.#options.hostname, uri: [...bound], pubkey: keys.publicKey };
      const preferIpc =
        !this.#boot.settings.preferTcp &&
        parent !== undefined &&
        sameNode(this.#mapping(), rank, parent);
      this.#setEndpoint(bound[0]);
      return exchangeCards(this.uplink, { group, cards, card, children, parent, preferIpc });
    }
    // With static configuration all brokers have the same key, and know where their parents are.
    this.uplink.authorize(keys.publicKey);
    if (bound.length > 0) this.#setEndpoint((await cards.of(rank)).uri[0]);
    if (parent === undefined) return undefined;
    const endpoint = (await cards.of(parent)).uri[0];
    if (endpoint === undefined) {
      throw new FluxError("ENOENT", `connect URI is undefined for rank ${parent}`);
    }
    return { endpoint, key: keys.publicKey };
  }

  #keys(): KeyPair {
    const path = this.#boot.hosts?.certificate;
    return path === undefined ? newKeyPair() : readCertificate(path);
  }

  #setEndpoint(endpoint: string | undefined): void {
    this.#options.attributes.set("tbon.endpoint", endpoint ?? null);
  }

  /** What to bind for the children; nothing on a leaf. */
  async #endpoints(): Promise<string[]> {
    const { rank, settings, hosts } = this.#boot;
    const { attributes } = this.#options;
    const children = this.#topology.childrenOf(rank);
    if (hosts) {
      if (children.length === 0 || attributes.get("broker.recovery-mode") === "1") return [];
      const { bind } = hosts.hosts[rank] ?? {};
      if (bind !== undefined) return [bind];
      throw new FluxError("EINVAL", `bind URI is undefined for rank ${rank}`);
    }
    const { preferTcp, interfaceHint } = settings;
    const kinds = endpointKinds({ rank, children, mapping: this.#mapping(), preferTcp });
    const endpoints: string[] = [];
    for (const kind of kinds) {
      if (kind === "ipc") endpoints.push(`ipc://${attributes.get("rundir")}/tbon-${rank}`);
      else endpoints.push(`tcp://${await ownAddress(interfaceHint)}:*`);
    }
    return endpoints;
  }

  #mapping(): Taskmap | undefined {
    const text = this.#options.attributes.get("broker.mapping");
    return text === undefined ? undefined : Taskmap.parse(text);
  }

  #socketSettings(): SocketSettings {
    const { settings, hosts } = this.#boot;
    return {
      // Under PMI any kind of address may come; a configuration says itself what it needs.
      ipv6: hosts?.ipv6 ?? true,
      childReceiveLimit: settings.childReceiveLimit,
      tcpUserTimeoutSeconds: settings.tcpUserTimeoutSeconds,
      connectTimeoutSeconds: settings.connectTimeoutSeconds,
      ioThreads: settings.ioThreads,
      onEvent: settings.debug ? (text) => this.#core?.log.log("overlay", 7, text) : undefined,
    };
  }

  async #setHostlist(cards: CardFile): Promise<void> {
    const { attributes, hostname } = this.#options;
    const { size } = this.#boot;
    const given = attributes.get("hostlist");
    const hosts = given ?? hostlistOf(size === 1 ? [hostname] : await cards.hosts());
    attributes.set("hostlist", hosts);
    this.#hostlist = Hostlist.parse(hosts);
  }

  #treeAttributes(): Record<string, string> {
    const { rank, size } = this.#boot;
    const topology = this.#topology;
    const given = this.#options.attributes.get("broker.critical-ranks");
    if (given !== undefined) checkRanks(given, size);
    return {
      "broker.critical-ranks": given ?? Idset.from(topology.criticalRanks).encode(),
      "tbon.level": `${topology.levelOf(rank)}`,
      "tbon.maxlevel": `${topology.maxLevel}`,
      "tbon.descendants": `${topology.descendantCount(rank)}`,
    };
  }

  #module(core: BrokerCore): ModuleDefinition {
    return defineModule({
      name: "overlay",
      host: "inline",
      start: ({ flux }) => {
        this.uplink.serve(flux);
        core.flux.follow(
          stateMachine.monitor,
          {
            next: ({ state }) => {
              if (state >= BrokerState.Cleanup) this.uplink.refuseChildren();
            },
          },
          { final: BrokerState.Cleanup },
          { nodeid: core.rank },
        );
        return {
          configReload: (config) => {
            const changed = livenessAttributes(this.uplink.configure(config));
            for (const [name, value] of Object.entries(changed)) {
              this.#options.attributes.set(name, value);
            }
          },
        };
      },
    });
  }
}

function checkRanks(text: string, size: number): void {
  const last = Idset.parse(text).last();
  if (last !== undefined && last < size) return;
  throw new FluxError("EINVAL", `invalid value for broker.critical-ranks='${text}'`);
}
