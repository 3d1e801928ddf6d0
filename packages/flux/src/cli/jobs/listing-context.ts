import type { Environment } from "../environment.ts";
import { jobIdText } from "../job-text.ts";
import { userName } from "../users.ts";
import type { ListingContext } from "./job-info.ts";

/** What a listing of jobs shows as of now; names of users are looked up once. */
export function listingContext(env: Environment): ListingContext {
  const names = new Map<number, string>();
  return {
    now: Date.now() / 1000,
    f58: (id) => jobIdText(id, env),
    localUris: env.FLUX_URI_RESOLVE_LOCAL !== undefined,
    userName(uid) {
      let name = names.get(uid);
      if (name === undefined) {
        name = userName(uid);
        names.set(uid, name);
      }
      return name;
    },
  };
}
