import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject } from "@flux-ts/protocol/schema/json";

export type BootMethod = "config" | "simple" | "single";

/** Methods in the order they are tried. */
const methods: readonly BootMethod[] = ["config", "simple", "single"];
/** Those of flux-core that load a PMI library; passed over, since no library fits this process. */
const libraryMethods = ["libpmi2", "libpmi"];

export interface BootSurroundings {
  readonly config: JsonObject;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Attribute `broker.boot-method`: this method and no other. */
  readonly forced: string | undefined;
}

/** How this broker finds its peers (wire-broker §3.1). Throws EINVAL if it was told a way it cannot. */
export function bootMethod({ config, env, forced }: BootSurroundings): BootMethod {
  const listed = env.FLUX_PMI_CLIENT_METHODS?.split(/\s+/).filter((word) => word !== "");
  const candidates = forced === undefined ? (listed ?? methods) : [forced.replace(/:.*$/, "")];
  for (const name of candidates) {
    if (libraryMethods.includes(name)) continue;
    if (!isMethod(name)) {
      throw new FluxError(
        "EINVAL",
        `boot method "${name}" is unknown: use one of ${methods.join(", ")}`,
      );
    }
    if (isPossible(name, config, env)) return name;
  }
  throw new FluxError("EINVAL", `boot method ${candidates.join(" ")} cannot be used here`);
}

function isMethod(name: string): name is BootMethod {
  return methods.some((method) => method === name);
}

function isPossible(
  method: BootMethod,
  config: JsonObject,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  if (method === "config") return isJsonObject(config.bootstrap);
  if (method === "single") return true;
  return [env.PMI_FD, env.PMI_RANK, env.PMI_SIZE].every((value) => /^\d+$/.test(value ?? ""));
}
