import { RequestSet } from "@flux-ts/client/request-set";
import {
  formatLogLine,
  type LogRecord,
  logTime,
  parseLogLine,
  severityNames,
} from "../plugins/log-line.ts";
import type { Severity } from "../plugins/module.ts";
import type { Attributes } from "./attributes.ts";
import { LogRing } from "./log-ring.ts";

export interface LogOutputs {
  /** Towards the leader; not called on rank 0. */
  forward(line: string): void;
  stderr(text: string): void;
  /** The log file of the leader, if there is one. */
  file?(text: string): void;
}

/** Follow streams open at once; each holds a route through the tree. */
const maxFollowers = 1000;

/**
 * Where log lines go (wire-broker §5.4): own lines into the ring and up to the leader by severity;
 * the leader writes what reaches it to its stderr and file.
 */
export class BrokerLog {
  readonly #rank: number;
  readonly #attributes: Attributes;
  readonly #outputs: LogOutputs;
  readonly ring: LogRing;
  readonly followers = new RequestSet<string>();
  /** Sees every line that reaches this broker. */
  onLine: (line: string) => void = () => {};
  local = 0;
  remote = 0;
  /** Severity up to which lines go to stderr; -1 is off. Changeable at run time. */
  #stderrLevel: number;

  constructor(rank: number, attributes: Attributes, outputs: LogOutputs) {
    this.#rank = rank;
    this.#attributes = attributes;
    this.#outputs = outputs;
    this.ring = new LogRing(this.#level("log-ring-size"));
    this.#stderrLevel = this.#level("log-stderr-level");
  }

  /** A record of this broker or one of its modules. */
  log(appname: string, severity: Severity, text: string): void {
    const time = logTime(Date.now() / 1000);
    for (const line of text.split("\n")) {
      if (line === "") continue;
      this.append(
        formatLogLine({
          severity,
          time,
          hostname: `${this.#rank}`,
          appname,
          procid: "-",
          text: line,
        }),
      );
    }
  }

  /** A line from `log.append`: ours, or one that a broker below forwards. */
  append(line: string): void {
    const record = parseLogLine(line);
    if (!record) return;
    if (record.text.includes("\n")) {
      for (const text of record.text.split("\n")) {
        if (text !== "") this.append(formatLogLine({ ...record, text }));
      }
      return;
    }
    const isOwn = record.hostname === `${this.#rank}` || record.hostname === "-";
    if (isOwn) this.#keep(line, record);
    else this.remote++;
    this.onLine(line);
    this.#pass(line, record, isOwn);
  }

  #keep(line: string, record: LogRecord): void {
    this.local++;
    if (record.severity > this.#level("log-level")) return;
    this.ring.append(line);
    this.followers.respondAll(line);
  }

  #pass(line: string, record: LogRecord, isOwn: boolean): void {
    const { severity } = record;
    const isCritical = isOwn && severity <= this.#level("log-critical-level");
    const isLeader = this.#rank === 0;
    const mode = this.#attributes.get("log-stderr-mode");
    const goesToStderr = severity <= this.#stderrLevel && (mode === "local" ? isOwn : isLeader);
    if (isCritical || goesToStderr) this.#outputs.stderr(stderrLine(record, mode === "local"));
    if (isLeader) this.#outputs.file?.(`${stderrLine(record, false)}`);
    else if (severity <= this.#level("log-forward-level")) this.#outputs.forward(line);
  }

  /** Open a `log.dmesg` stream that goes on. False when too many are open. */
  canFollow(): boolean {
    return this.followers.size < maxFollowers;
  }

  setStderrLevel(level: number): void {
    this.#stderrLevel = level;
  }

  #level(name: string): number {
    return Number(this.#attributes.get(name) ?? 0);
  }
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `Nov 22 08:59:20.248912 UTC 2026 kvs.err[0]: text`, or with `<3>` in front for systemd. */
function stderrLine(record: LogRecord, forJournal: boolean): string {
  const { severity, appname, hostname, text, time } = record;
  const what = `${appname}.${severityNames[severity]}[${hostname}]: ${text}\n`;
  if (forJournal) return `<${severity}>${what}`;
  const date = new Date(time);
  const micros = /\.(\d{6})/.exec(time)?.[1] ?? "000000";
  const two = (n: number): string => String(n).padStart(2, "0");
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const zone = zoneName(date);
  const day = two(date.getDate());
  return `${months[date.getMonth()]} ${day} ${clock}.${micros} ${zone} ${date.getFullYear()} ${what}`;
}

function zoneName(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? "UTC";
}
