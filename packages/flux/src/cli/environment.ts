/** Variables as the operating system keeps them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What the launcher prefixes Node's own settings with, to hide them from our process. */
const hiddenPrefix = "FLUX_TS_HIDDEN_";

/** What else the launcher tells the command. */
const launcherPrefix = "FLUX_TS_LAUNCHER_";

/** The environment as the person set it: what commands see, and what jobs and programs get. */
export function unhide(env: Environment): Record<string, string | undefined> {
  const shown: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(env)) {
    const isHidden = name.startsWith(hiddenPrefix);
    if (!isHidden && name.startsWith(launcherPrefix)) continue;
    shown[isHidden ? name.slice(hiddenPrefix.length) : name] = value;
  }
  return shown;
}

/** Settings of Node that cost our own programs time, or change what they do. */
const nodeSettings = ["NODE_EXTRA_CA_CERTS", "NODE_OPTIONS"];

/** The environment for another program of ours, as the launcher would make it. */
export function hide(env: Environment): Record<string, string | undefined> {
  const hidden = { ...env };
  for (const name of nodeSettings) {
    if (hidden[name] === undefined) continue;
    hidden[hiddenPrefix + name] = hidden[name];
    delete hidden[name];
  }
  return hidden;
}
