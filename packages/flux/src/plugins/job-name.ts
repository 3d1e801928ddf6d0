import { f58, formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";

export type JobNamer = (id: JobId) => string;

/** How this process names jobs: F58, with `ƒ` only where its locale has such a letter (RFC 19). */
export function jobNamer(env: Readonly<Record<string, string | undefined>>): JobNamer {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  const isUnicode = env.FLUX_F58_FORCE_ASCII === undefined && /utf-?8/i.test(locale);
  return isUnicode ? f58 : (id) => formatJobId(id, "f58plain");
}
