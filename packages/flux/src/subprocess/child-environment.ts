export type Environment = Readonly<Record<string, string>>;

/**
 * Belong to the server itself and must not reach its children: see sd_notify(3) for the latter two.
 */
const neverPassed = ["FLUX_PROXY_REMOTE", "NOTIFY_SOCKET", "INVOCATION_ID"];

/**
 * The environment of a process that a subprocess server starts. `FLUX_URI` is that of the local
 * broker, whatever the client's says.
 */
export function childEnvironment(env: Environment, localUri: string): Environment {
  const result: Record<string, string> = { ...env, FLUX_URI: localUri };
  for (const name of neverPassed) delete result[name];
  return result;
}
