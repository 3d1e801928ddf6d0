import type { Severity } from "./module.ts";

/** RFC 5424's names, indexed by severity. */
export const severityNames = [
  "emerg",
  "alert",
  "crit",
  "err",
  "warning",
  "notice",
  "info",
  "debug",
] as const;

/** LOG_USER. flux-core masks facilities to three bits, so that PRI is severity * 8 + 1 & 7 = 0. */
const facility = 0;

/** A log record as it travels in `log.append` and `log.dmesg` (wire-broker §5.4). */
export interface LogRecord {
  readonly severity: Severity;
  /** Seconds since the epoch, or the time text of a record that was parsed. */
  readonly time: string;
  /** Broker rank in decimal, or `-`. */
  readonly hostname: string;
  readonly appname: string;
  readonly procid: string;
  readonly text: string;
}

/** UTC time with microseconds, as RFC 5424 wants it. */
export function logTime(epochSeconds: number): string {
  const ms = Math.floor(epochSeconds * 1000);
  const micros = Math.floor(epochSeconds * 1e6 - ms * 1000)
    .toString()
    .padStart(3, "0");
  return new Date(ms).toISOString().replace("Z", `${micros}Z`);
}

export function formatLogLine(record: LogRecord): string {
  const { severity, time, hostname, appname, procid, text } = record;
  return `<${severity * 8 + facility}>1 ${time} ${hostname} ${appname} ${procid} - - ${text}`;
}

const linePattern = /^<(\d{1,3})>1 (\S+) (\S+) (\S+) (\S+) (\S+) (\S+) ?(.*)$/s;

/** The record in a log line, or undefined if it is none. */
export function parseLogLine(line: string): LogRecord | undefined {
  const match = linePattern.exec(line);
  if (!match) return undefined;
  const [, pri, time, hostname, appname, procid, , , text] = match;
  return {
    severity: (Number(pri) >> 3) as Severity,
    time: time!,
    hostname: hostname!,
    appname: appname!,
    procid: procid!,
    text: text!,
  };
}
