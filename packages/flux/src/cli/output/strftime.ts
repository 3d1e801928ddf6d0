import { two } from "./time.ts";

const days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const dayMs = 86_400_000;

/** strftime(3) in local time and the C locale. Directives it does not know stay as they are. */
export function strftime(format: string, seconds: number): string {
  const date = new Date(seconds * 1000);
  return format.replace(/%[-_0^#]?(.)/gsu, (whole, directive: string) => {
    const text = directiveOf(date, directive);
    if (text === undefined) return whole;
    if (whole[1] === "-") return text.replace(/^[0 ](?=.)/, "");
    return whole[1] === "^" ? text.toUpperCase() : text;
  });
}

function directiveOf(date: Date, directive: string): string | undefined {
  const year = date.getFullYear();
  const hours = date.getHours();
  const day = date.getDate();
  const nested = (format: string): string => strftime(format, date.getTime() / 1000);
  switch (directive) {
    case "%":
      return "%";
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "a":
      return days[date.getDay()]!.slice(0, 3);
    case "A":
      return days[date.getDay()]!;
    case "b":
    case "h":
      return months[date.getMonth()]!.slice(0, 3);
    case "B":
      return months[date.getMonth()]!;
    case "C":
      return two(Math.floor(year / 100));
    case "d":
      return two(day);
    case "e":
      return String(day).padStart(2);
    case "H":
      return two(hours);
    case "k":
      return String(hours).padStart(2);
    case "I":
      return two(hours % 12 || 12);
    case "l":
      return String(hours % 12 || 12).padStart(2);
    case "j":
      return String(dayOfYear(date)).padStart(3, "0");
    case "m":
      return two(date.getMonth() + 1);
    case "M":
      return two(date.getMinutes());
    case "p":
      return hours < 12 ? "AM" : "PM";
    case "s":
      return String(Math.floor(date.getTime() / 1000));
    case "S":
      return two(date.getSeconds());
    case "f":
      return String(Math.round((date.getTime() % 1000) * 1000)).padStart(6, "0");
    case "u":
      return String(date.getDay() || 7);
    case "U":
      return two(Math.floor((dayOfYear(date) + 6 - date.getDay()) / 7));
    case "w":
      return String(date.getDay());
    case "W":
      return two(Math.floor((dayOfYear(date) + 6 - ((date.getDay() + 6) % 7)) / 7));
    case "y":
      return two(year % 100);
    case "Y":
      return String(year);
    case "z":
      return offsetOf(date);
    case "Z":
      return zoneOf(date);
    case "c":
      return nested("%a %b %e %H:%M:%S %Y");
    case "D":
    case "x":
      return nested("%m/%d/%y");
    case "F":
      return nested("%Y-%m-%d");
    case "r":
      return nested("%I:%M:%S %p");
    case "R":
      return nested("%H:%M");
    case "T":
    case "X":
      return nested("%H:%M:%S");
    default:
      return undefined;
  }
}

function dayOfYear(date: Date): number {
  const start = Date.UTC(date.getFullYear(), 0, 1);
  const today = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (today - start) / dayMs + 1;
}

function offsetOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${two(Math.floor(size / 60))}${two(size % 60)}`;
}

function zoneOf(date: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(date);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}
