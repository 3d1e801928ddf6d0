import type { Handlers } from "@flux-ts/client/dispatcher";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { attr } from "@flux-ts/protocol/services/attr";
import { type Attributes, attrImmutable } from "../attributes.ts";

/** The `attr` service of a broker. */
export function attrService(attributes: Attributes): Handlers<typeof attr> {
  return {
    get({ name }) {
      const value = attributes.get(name);
      if (value === undefined) throw new FluxError("ENOENT");
      return { value, flags: attributes.isImmutable(name) ? attrImmutable : 0 };
    },
    list: () => ({ names: attributes.names }),
    set: ({ name, value, force = false }) => attributes.update(name, value, force),
    rm: ({ name }) => attributes.remove(name),
  };
}
