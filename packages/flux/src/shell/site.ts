import { hostname } from "node:os";
import type { Flux } from "@flux-ts/client/handle";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { attr } from "@flux-ts/protocol/services/attr";
import { resource } from "@flux-ts/protocol/services/resource";

/** Attributes that shells need, asked for once. */
const attributeNames = [
  "rundir",
  "jobid-path",
  "instance-level",
  "tbon.interface-hint",
  "security.owner",
  "conf.shell_initrc",
  "local-uri",
] as const;
type AttributeName = (typeof attributeNames)[number];

/** What all shells of a process share: the connection, and what does not change while it lasts. */
export class Site {
  readonly flux: Flux;
  /** Of the broker. */
  readonly rank: number;
  readonly hostname = hostname();
  /** The process hosts shells of several jobs, so none may change anything of its own. */
  readonly isResident: boolean;
  readonly #attributes: ReadonlyMap<string, string>;
  #topology: Promise<string> | undefined;

  constructor(
    flux: Flux,
    rank: number,
    attributes: ReadonlyMap<string, string>,
    isResident: boolean,
  ) {
    this.flux = flux;
    this.rank = rank;
    this.isResident = isResident;
    this.#attributes = attributes;
  }

  static async open(flux: Flux, options: { isResident: boolean }): Promise<Site> {
    const [rank, ...values] = await Promise.all([
      flux.rank(),
      ...attributeNames.map((name) => attributeOf(flux, name)),
    ]);
    const attributes = new Map<string, string>();
    attributeNames.forEach((name, index) => {
      const value = values[index];
      if (value !== undefined) attributes.set(name, value);
    });
    return new Site(flux, rank, attributes, options.isResident);
  }

  attribute(name: AttributeName): string | undefined {
    return this.#attributes.get(name);
  }

  /** Userid of the instance owner. */
  get owner(): number {
    return Number(this.attribute("security.owner") ?? 0);
  }

  /** Where programs of this broker connect to. */
  get uri(): string {
    return process.env.FLUX_URI ?? this.attribute("local-uri") ?? "";
  }

  /** The node's topology, as hwloc XML. */
  topologyXml(): Promise<string> {
    this.#topology ??= this.flux.call(resource.topoGet);
    return this.#topology;
  }
}

async function attributeOf(flux: Flux, name: string): Promise<string | undefined> {
  try {
    return (await flux.call(attr.get, { name })).value;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
