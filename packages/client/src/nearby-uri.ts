import { hostname } from "node:os";

/**
 * How to reach an instance that told its URI (`ssh://HOST/PATH`): by its socket if it is on this host or
 * FLUX_URI_RESOLVE_LOCAL says that all are, else as it says.
 */
export function nearbyUri(
  uri: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const [, host, path] = /^ssh:\/\/([^/]*)(\/[^?]*)/.exec(uri) ?? [];
  if (host === undefined || path === undefined) return uri;
  // Its socket may not be there yet: the connector tries again for a while.
  const isHere = host === hostname() || env.FLUX_URI_RESOLVE_LOCAL !== undefined;
  return isHere ? `local://${path}` : uri;
}
