/** Severities of the job shell's log, as in its `log` events. */
export const LogLevel = { Fatal: 0, Error: 3, Warn: 4, Notice: 5, Debug: 6, Trace: 7 } as const;
export type LogLevel = (typeof LogLevel)[keyof typeof LogLevel];

const words: Readonly<Record<LogLevel, string | undefined>> = {
  0: "FATAL",
  3: "ERROR",
  4: " WARN",
  5: undefined,
  6: "DEBUG",
  7: "TRACE",
};

/**
 * A line as it goes to files and terminals: `flux-shell[1]:  WARN: pmi: text`. The rank is left out
 * where it is not known yet, or clear from elsewhere.
 */
export function logLine(
  shellRank: number | undefined,
  level: LogLevel,
  message: string,
  component?: string,
): string {
  const parts = [words[level], component, message].filter((part) => part !== undefined);
  const where = shellRank === undefined ? "" : `[${shellRank}]`;
  return `flux-shell${where}: ${parts.join(": ")}\n`;
}
