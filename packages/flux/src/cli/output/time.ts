/** Local times as tools print them. `seconds` count from the epoch. */

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const two = (value: number): string => String(value).padStart(2, "0");

/** `08:59:20`. */
export function clockTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `Nov22 08:30`: what begins a group of human readable lines. */
export function minuteTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = `${months[date.getMonth()]}${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `2026-11-22T08:59:20`. */
export function dateTime(seconds: number): string {
  const date = new Date(seconds * 1000);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${clockTime(seconds)}`;
}

/** `2026-11-22T08:59:20.248912+02:00`, with `Z` for a zone without offset. */
export function isoTime(seconds: number): string {
  const offset = -new Date(seconds * 1000).getTimezoneOffset();
  const micros = Math.round((seconds - Math.floor(seconds)) * 1e6);
  const carried = micros === 1_000_000;
  const whole = Math.floor(seconds) + (carried ? 1 : 0);
  const fraction = String(carried ? 0 : micros).padStart(6, "0");
  return `${dateTime(whole)}.${fraction}${zone(offset)}`;
}

function zone(offsetMinutes: number): string {
  if (offsetMinutes === 0) return "Z";
  const size = Math.abs(offsetMinutes);
  return `${offsetMinutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
}

/** Whether two times print the same minute. */
export function isSameMinute(a: number, b: number): boolean {
  // Zones differ from each other by whole minutes.
  return Math.floor(a / 60) === Math.floor(b / 60);
}

/** `  +0.013239`: seconds since an earlier time, 11 columns. */
export function timeOffset(seconds: number): string {
  const text = `${seconds < 0 ? "-" : "+"}${Math.abs(seconds).toFixed(6)}`;
  return text.padStart(11);
}
