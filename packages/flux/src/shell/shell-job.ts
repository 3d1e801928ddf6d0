import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import type { Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json, JsonObject } from "@flux-ts/protocol/schema/json";
import type { Environment } from "./signed-jobspec.ts";

/** What a shell is started for. */
export interface ShellJob {
  readonly id: JobId;
  readonly userid: number;
  /** Not to be changed. */
  readonly jobspec: Jobspec;
  readonly environment: Environment;
  readonly R: JsonObject;
}

/** The name under which the shells of a job serve requests; ASCII, whatever the locale. */
export function serviceName({ id, userid }: Pick<ShellJob, "id" | "userid">): string {
  return `${userid}-shell-${formatJobId(id, "f58plain")}`;
}

/** Shell options of a job (`-o NAME=VALUE`), which plugins may change for this shell. */
export class ShellOptions {
  readonly #values: Map<string, Json>;

  constructor({ attributes }: Jobspec) {
    const given = attributes.system?.shell?.options ?? {};
    this.#values = new Map(
      Object.entries(given).filter((entry): entry is [string, Json] => entry[1] !== undefined),
    );
  }

  get(name: string): Json | undefined {
    return this.#values.get(name);
  }

  set(name: string, value: Json | undefined): void {
    if (value === undefined) this.#values.delete(name);
    else this.#values.set(name, value);
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  /** The option as a number; EINVAL if it is something else. */
  integer(name: string): number | undefined {
    const value = this.#values.get(name);
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    if (typeof value === "boolean") return value ? 1 : 0;
    throw new FluxError("EINVAL", `shell option ${name} must be an integer`);
  }

  /** The option as a string; EINVAL if it is something else. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw new FluxError("EINVAL", `${name} shell option must be a string`);
  }
}
