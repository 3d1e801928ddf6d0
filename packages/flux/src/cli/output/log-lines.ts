import { parseLogLine, severityNames } from "../../plugins/log-line.ts";
import { sgr } from "./color.ts";
import { isoTime, isSameMinute, minuteTime, timeOffset } from "./time.ts";

const reverseRed = `\x1b[7m${sgr.red}`;
const severityColors = [
  reverseRed,
  reverseRed,
  `${sgr.bold}${sgr.red}`,
  sgr.red,
  sgr.bold,
  "",
  "",
  sgr.blue,
] as const;

export interface LogStyle {
  readonly color: boolean;
  /** `[Nov22 08:30]` and offsets from it instead of ISO times. */
  readonly human: boolean;
  /** With `human`: offsets from the line before. */
  readonly delta: boolean;
}

/** Prints records of the broker's log as `flux dmesg` does. */
export class LogLines {
  readonly #style: LogStyle;
  #reference: number | undefined;

  constructor(style: LogStyle) {
    this.#style = style;
  }

  /** The line for a raw record; the record itself if it is not one. */
  format(line: string): string {
    const record = parseLogLine(line);
    if (!record) return line;
    const { appname, severity, hostname, text, time } = record;
    const name = `${appname}.${severityNames[severity]}[${Number.parseInt(hostname, 10) || 0}]`;
    const shown = this.#time(time);
    if (!this.#style.color) return `${shown.text} ${name}: ${text}`;
    const stamp = `${shown.color}${shown.text}${sgr.reset}`;
    return `${stamp} ${sgr.yellow}${name}${sgr.reset}: ${severityColors[severity]}${text}${sgr.reset}`;
  }

  #time(time: string): { text: string; color: string } {
    const seconds = secondsOf(time);
    if (seconds === undefined) return { text: time, color: sgr.green };
    if (!this.#style.human) {
      const text = isoTime(seconds);
      // In UTC the record's own text has all its digits.
      return { text: text.endsWith("Z") ? time : text, color: sgr.green };
    }
    const reference = this.#reference;
    if (reference !== undefined && isSameMinute(reference, seconds)) {
      if (this.#style.delta) this.#reference = seconds;
      return { text: `[${timeOffset(seconds - reference)}]`, color: sgr.green };
    }
    this.#reference = seconds;
    return { text: `[${minuteTime(seconds)}]`, color: `${sgr.bold}${sgr.green}` };
  }
}

/** Seconds since the epoch of an RFC 5424 time with up to microseconds. */
function secondsOf(time: string): number | undefined {
  const match = /^([^.]+)(\.\d+)?(Z|[-+]\d\d:\d\d)$/.exec(time);
  const whole = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  return Number.isNaN(whole) ? undefined : whole / 1000 + Number(match?.[2] ?? 0);
}
