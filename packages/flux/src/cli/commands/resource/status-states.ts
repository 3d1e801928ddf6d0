/** States that `--states` takes. */
export const statusStates = [
  "all",
  "online",
  "avail",
  "offline",
  "exclude",
  "drain",
  "draining",
  "drained",
  "torpid",
  "allocated",
  "housekeeping",
] as const;
export type StatusState = (typeof statusStates)[number];
