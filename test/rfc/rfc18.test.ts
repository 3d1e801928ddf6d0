import { encodeEntry, encodeEventlog, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { expect, test } from "vitest";
import { vectors } from "./vectors.ts";

const example = `\
{"timestamp":1552593348.073045,"name":"submit","context":{"urgency":16,"userid":5588,"flags":0}}
{"timestamp":1552593547.411336,"name":"urgency","context":{"urgency":0,"userid":5588}}
{"timestamp":1552593348.088391,"name":"alloc","context":{"note":"rank0/core[0-3]"}}
{"timestamp":1552593348.093541,"name":"free"}
{"timestamp":1552593348.092830,"name":"release","context":{"ranks":"all","final":true}}
{"timestamp":1552593348.104432,"name":"clean"}
`;

test("RFC 18 Example: reads, and prints the same", () => {
  const entries = parseEventlog(example);
  expect(entries).toHaveLength(6);
  expect(encodeEventlog(entries)).toBe(example.replace("092830", "09283"));
});

test.each(vectors<{ name: string; text: string }>("eventlogs"))(
  "RFC 18: the $name log of a job run by flux-core reads, and prints the same",
  ({ text }) => {
    // The C library prints 17 digits where fewer name the same number.
    const shortest = text.replace(/(?<="timestamp":)[\d.]+/g, (digits) => String(Number(digits)));
    expect(encodeEventlog(parseEventlog(text))).toBe(shortest);
  },
);

test("RFC 18 Event Log Format: events are separated by newlines and have none within", () => {
  const line = encodeEntry({ timestamp: 1, name: "a\nb", context: { text: "c\nd" } });
  expect(line.indexOf("\n")).toBe(line.length - 1);
  expect(parseEventlog(line)[0]).toMatchObject({ name: "a\nb", context: { text: "c\nd" } });
});

test("RFC 18 Event Log Format: only whole events are appended", () => {
  expect(() => parseEventlog(example.slice(0, -1))).toThrow("line 6: no newline at its end");
});

test("RFC 18 Event Log Format: each event is a JSON object", () => {
  expect(() => parseEventlog("[1]\n")).toThrow("line 1: not a JSON object");
  expect(() => parseEventlog(`${example}{\n`)).toThrow("line 7: not JSON");
});

test("RFC 18 Event Log Format: timestamp is required, a number, and greater than zero", () => {
  expect(() => parseEventlog('{"name":"a"}\n')).toThrow("timestamp is not a number");
  expect(() => parseEventlog('{"timestamp":"1","name":"a"}\n')).toThrow("not a number");
  expect(() => parseEventlog('{"timestamp":0.0,"name":"a"}\n')).toThrow("greater than zero");
  expect(parseEventlog('{"timestamp":1,"name":"a"}\n')[0]!.timestamp).toBe(1);
});

test("RFC 18 Event Log Format: name is required, and a string", () => {
  expect(() => parseEventlog('{"timestamp":1}\n')).toThrow("name is not a string");
});

test("RFC 18 Event Log Format: context is optional, and an object", () => {
  expect(parseEventlog('{"timestamp":1,"name":"a"}\n')[0]).not.toHaveProperty("context");
  expect(() => parseEventlog('{"timestamp":1,"name":"a","context":"x"}\n')).toThrow("context");
});
