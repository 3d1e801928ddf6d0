import { parseDuration } from "@flux-ts/protocol/text/duration";

const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const monthNames = [
  "jan",
  "feb",
  "mar",
  "apr",
  "may",
  "jun",
  "jul",
  "aug",
  "sep",
  "oct",
  "nov",
  "dec",
];
const unitSeconds: Readonly<Record<string, number>> = {
  s: 1,
  sec: 1,
  second: 1,
  m: 60,
  min: 60,
  minute: 60,
  h: 3600,
  hr: 3600,
  hour: 3600,
  d: 86_400,
  day: 86_400,
  w: 604_800,
  week: 604_800,
};

/**
 * A point in time as people write it: `now`, `+1h` and `-2d` (RFC 23 durations), ISO dates and times,
 * `3pm`, `noon`, `tomorrow 8:30`, `next friday`, `jan 5 10:00`, `2 hours ago`. A date without a time is
 * its midnight. Seconds since the epoch, in local time; undefined if it is not understood.
 */
export function parseDateTime(given: string, nowSeconds: number): number | undefined {
  const text = given.trim().toLowerCase();
  if (text === "now") return nowSeconds;
  const offset = /^([-+])(.+)$/.exec(text);
  if (offset) {
    try {
      return nowSeconds + (offset[1] === "-" ? -1 : 1) * parseDuration(offset[2]!);
    } catch {
      return undefined;
    }
  }
  return relative(text, nowSeconds) ?? iso(text) ?? calendar(text, new Date(nowSeconds * 1000));
}

/** Units that are not always equally long. */
const unitMonths: Readonly<Record<string, number>> = { month: 1, mth: 1, year: 12, yr: 12, y: 12 };

/** `in 2 hours`, `5 minutes ago`, `a year ago`. */
function relative(text: string, now: number): number | undefined {
  const match = /^(in )?(\d+(?:\.\d+)?|an?) *([a-z]+?)s?( ago| from now)?$/.exec(text);
  if (!match) return undefined;
  const [, isIn, amount = "", unit = "", suffix] = match;
  if (!isIn && !suffix) return undefined;
  const count = (suffix === " ago" ? -1 : 1) * (/^an?$/.test(amount) ? 1 : Number(amount));
  const seconds = unitSeconds[unit];
  if (seconds !== undefined) return now + count * seconds;
  const months = unitMonths[unit];
  if (months === undefined) return undefined;
  const date = new Date(now * 1000);
  date.setMonth(date.getMonth() + count * months);
  return date.getTime() / 1000;
}

/** `2026-11-22`, `2026-11-22T08:30[:05[.25]][Z]`. */
function iso(text: string): number | undefined {
  const match =
    /^(\d{4})-(\d\d?)-(\d\d?)(?:[t ](\d\d?):(\d\d)(?::(\d\d(?:\.\d+)?))?(z|[-+]\d\d:?\d\d)?)?$/.exec(
      text,
    );
  if (!match) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0, zone] = match;
  const whole = Math.floor(Number(second));
  const parts = [+year!, +month! - 1, +day!, +hour, +minute, whole] as const;
  const fraction = Number(second) - whole;
  if (zone === undefined) return new Date(...parts).getTime() / 1000 + fraction;
  const sign = zone.startsWith("-") ? -1 : 1;
  const digits = zone.replace(/[^\d]/g, "");
  const offset = zone === "z" ? 0 : sign * (+digits.slice(0, 2) * 60 + +digits.slice(2));
  return Date.UTC(...parts) / 1000 + fraction - offset * 60;
}

/** A day, a time of day, or both in either order. */
function calendar(text: string, now: Date): number | undefined {
  const words = text
    .replaceAll(",", " ")
    .replace(/\b(at|on)\b/g, " ")
    .split(/\s+/)
    .filter(Boolean);
  let day: Date | undefined;
  let clock: readonly [number, number, number] | undefined;
  for (let i = 0; i < words.length; i++) {
    const pair = `${words[i]} ${words[i + 1] ?? ""}`;
    const meridiem = /^(am|pm)$/.test(words[i + 1] ?? "")
      ? `${words[i]}${words[i + 1]}`
      : undefined;
    const found = clock === undefined ? clockOf(meridiem ?? words[i]!) : undefined;
    if (found) {
      clock = found;
      if (meridiem) i++;
      continue;
    }
    if (day) return undefined;
    const [date, used] = dayOf(words[i]!, pair, now);
    if (!date) return undefined;
    day = date;
    i += used - 1;
    const year = /^\d{4}$/.test(words[i + 1] ?? "") && used === 2 ? words[++i] : undefined;
    if (year) day.setFullYear(Number(year));
  }
  if (!day && !clock) return undefined;
  const result = day ?? new Date(now.getFullYear(), now.getMonth(), now.getDate());
  const [hours, minutes, seconds] = clock ?? [0, 0, 0];
  result.setHours(hours, minutes, seconds, 0);
  return result.getTime() / 1000;
}

function clockOf(word: string): readonly [number, number, number] | undefined {
  if (word === "noon") return [12, 0, 0];
  if (word === "midnight") return [0, 0, 0];
  const match = /^(\d\d?)(?::(\d\d))?(?::(\d\d))?(am|pm)?$/.exec(word);
  if (!match || (match[2] === undefined && match[4] === undefined)) return undefined;
  const [, hour, minute = 0, second = 0, half] = match;
  const hours = half ? (Number(hour) % 12) + (half === "pm" ? 12 : 0) : Number(hour);
  return hours < 24 && +minute < 60 && +second < 60 ? [hours, +minute, +second] : undefined;
}

function dayOf(word: string, pair: string, now: Date): [Date | undefined, number] {
  const plus = (days: number): Date =>
    new Date(now.getFullYear(), now.getMonth(), now.getDate() + days);
  if (word === "today") return [plus(0), 1];
  if (word === "tomorrow") return [plus(1), 1];
  if (word === "yesterday") return [plus(-1), 1];
  const [, which, named] =
    /^(?:(next|last|this) )?([a-z]{3,})/.exec(/^(next|last|this)$/.test(word) ? pair : word) ?? [];
  const weekday = weekdays.indexOf((named ?? "").slice(0, 3));
  if (weekday >= 0) {
    const ahead = (weekday - now.getDay() + 7) % 7;
    const days = which === "last" ? (ahead || 7) - 7 : ahead || 7;
    return [plus(days), which ? 2 : 1];
  }
  const month = /^([a-z]{3})[a-z]*\.? (\d\d?)(?:st|nd|rd|th)?$/.exec(pair);
  const index = monthNames.indexOf(month?.[1] ?? "");
  if (month && index >= 0) return [new Date(now.getFullYear(), index, Number(month[2])), 2];
  const slashed = /^(\d\d?)\/(\d\d?)(?:\/(\d{2,4}))?$/.exec(word);
  if (slashed) {
    const year = slashed[3] === undefined ? now.getFullYear() : Number(slashed[3]);
    return [new Date(year < 100 ? 2000 + year : year, +slashed[1]! - 1, +slashed[2]!), 1];
  }
  return [undefined, 0];
}
