import { constants } from "node:os";
import { expect, test } from "vitest";
import { parseSignal, signalName, signalText } from "./signal.ts";

test.runIf(process.platform === "linux")("numbers are those of the running Linux", () => {
  for (const [name, number] of Object.entries(constants.signals)) {
    expect(parseSignal(name), name).toBe(number);
  }
});

test.each([
  ["SIGUSR1", 10],
  ["USR1", 10],
  ["10", 10],
  ["KILL", 9],
  ["SIGCLD", 17],
  ["99", 99],
])("%s is signal %d", (text, number) => {
  expect(parseSignal(text)).toBe(number);
});

test.each(["foo", "", "usr1", "SIG", "1.5"])("%j is no signal", (text) => {
  expect(() => parseSignal(text)).toThrow(`signal '${text}' is invalid`);
});

test.each(["0", "-1"])("signal number %s is refused", (text) => {
  expect(() => parseSignal(text)).toThrow("signal must be > 0");
});

test("signals are described as strsignal(3) does", () => {
  expect([9, 11, 20, 34, 64].map(signalText)).toEqual([
    "Killed",
    "Segmentation fault",
    "Stopped",
    "Real-time signal 0",
    "Real-time signal 30",
  ]);
  expect(signalText(32)).toBe("Unknown signal 32");
});

test("a real-time signal has no name", () => {
  expect(signalName(15)).toBe("SIGTERM");
  expect(signalName(40)).toBeUndefined();
});
