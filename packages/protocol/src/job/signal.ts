import { FluxError } from "../rpc/error.ts";

/**
 * Signals as Linux numbers them on every architecture we support; numbers travel in Flux
 * messages, so the numbering does not depend on the host that prints or reads them.
 */
const rows: readonly (readonly [number: number, name: string, text: string])[] = [
  [1, "SIGHUP", "Hangup"],
  [2, "SIGINT", "Interrupt"],
  [3, "SIGQUIT", "Quit"],
  [4, "SIGILL", "Illegal instruction"],
  [5, "SIGTRAP", "Trace/breakpoint trap"],
  [6, "SIGABRT", "Aborted"],
  [7, "SIGBUS", "Bus error"],
  [8, "SIGFPE", "Floating point exception"],
  [9, "SIGKILL", "Killed"],
  [10, "SIGUSR1", "User defined signal 1"],
  [11, "SIGSEGV", "Segmentation fault"],
  [12, "SIGUSR2", "User defined signal 2"],
  [13, "SIGPIPE", "Broken pipe"],
  [14, "SIGALRM", "Alarm clock"],
  [15, "SIGTERM", "Terminated"],
  [16, "SIGSTKFLT", "Stack fault"],
  [17, "SIGCHLD", "Child exited"],
  [18, "SIGCONT", "Continued"],
  [19, "SIGSTOP", "Stopped (signal)"],
  [20, "SIGTSTP", "Stopped"],
  [21, "SIGTTIN", "Stopped (tty input)"],
  [22, "SIGTTOU", "Stopped (tty output)"],
  [23, "SIGURG", "Urgent I/O condition"],
  [24, "SIGXCPU", "CPU time limit exceeded"],
  [25, "SIGXFSZ", "File size limit exceeded"],
  [26, "SIGVTALRM", "Virtual timer expired"],
  [27, "SIGPROF", "Profiling timer expired"],
  [28, "SIGWINCH", "Window changed"],
  [29, "SIGIO", "I/O possible"],
  [30, "SIGPWR", "Power failure"],
  [31, "SIGSYS", "Bad system call"],
];

/** First and last real-time signal that programs may use; the C library keeps 32 and 33. */
const realTimeMin = 34;
const realTimeMax = 64;

const numberByName = new Map(rows.map(([number, name]) => [name, number]));
for (const [alias, number] of [
  ["SIGIOT", 6],
  ["SIGCLD", 17],
  ["SIGPOLL", 29],
  ["SIGRTMIN", realTimeMin],
  ["SIGRTMAX", realTimeMax],
] as const) {
  numberByName.set(alias, number);
}
const rowByNumber = new Map(rows.map((row) => [row[0], row]));

/** The number of `SIGUSR1`, `USR1` or `10`. EINVAL for another name, or a number below 1. */
export function parseSignal(text: string): number {
  if (/^\s*[-+]?\d+\s*$/.test(text)) {
    const number = Number(text);
    if (number <= 0) throw new FluxError("EINVAL", "signal must be > 0");
    return number;
  }
  const number = numberByName.get(text) ?? numberByName.get(`SIG${text}`);
  if (number === undefined) throw new FluxError("EINVAL", `signal '${text}' is invalid`);
  return number;
}

/** The name of a signal, such as `SIGUSR1`, or undefined if it has none. */
export function signalName(number: number): string | undefined {
  return rowByNumber.get(number)?.[1];
}

/** What strsignal(3) says in the C locale, such as `Segmentation fault`. */
export function signalText(number: number): string {
  const text = rowByNumber.get(number)?.[2];
  if (text !== undefined) return text;
  return number >= realTimeMin && number <= realTimeMax
    ? `Real-time signal ${number - realTimeMin}`
    : `Unknown signal ${number}`;
}
