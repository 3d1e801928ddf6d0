import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeEntry, encodeEventlog, memberText, parseEntry, parseEventlog } from "./eventlog.ts";

test("a log written by a stock job manager reads back and prints the same", () => {
  const text = [
    '{"timestamp":1795336196.7198882,"name":"submit","context":{"userid":0,"urgency":16,"flags":0,"version":1}}',
    '{"timestamp":1795336196.73872,"name":"validate"}',
    '{"timestamp":1795336196.7506604,"name":"alloc","context":{"annotations":{"sched":{"resource_summary":"rank0/core0"}}}}',
    '{"timestamp":1795336196.8,"name":"release","context":{"ranks":"all","final":true}}',
    "",
  ].join("\n");
  const entries = parseEventlog(text);
  expect(entries.map(({ name }) => name)).toEqual(["submit", "validate", "alloc", "release"]);
  expect(entries[1]).toEqual({ timestamp: 1795336196.73872, name: "validate" });
  expect(encodeEventlog(entries)).toBe(text);
});

test("a whole-second timestamp is written as a real", () => {
  expect(encodeEntry({ timestamp: 42, name: "free" })).toBe('{"timestamp":42.0,"name":"free"}\n');
});

test("job ids in a context keep all their digits", () => {
  const line =
    '{"timestamp":1.0,"name":"debug.exec-reattach-start","context":{"id":9223372036854775807}}\n';
  const entry = parseEntry(line);
  expect(entry.context).toEqual({ id: 9223372036854775807n });
  expect(encodeEntry(entry)).toBe(line);
});

test("one event may come without its newline", () => {
  expect(parseEntry('{"timestamp":1,"name":"a"}')).toEqual({ timestamp: 1, name: "a" });
});

test("the empty text is an empty log", () => {
  expect(parseEventlog("")).toEqual([]);
});

test.each([
  ['{"timestamp":1,"name":"a"}', "eventlog line 1: no newline at its end"],
  ['{"timestamp":1,"name":"a"}\n{"timestamp":2', "eventlog line 2: no newline at its end"],
  ['{"timestamp":1,"name":"a"}\n\n', "eventlog line 2: not JSON"],
  ['{"timestamp":1,"name":"a"}\nfoo\n', "eventlog line 2: not JSON"],
  ["[]\n", "eventlog line 1: not a JSON object"],
  ['{"name":"a"}\n', "eventlog line 1: timestamp is not a number"],
  ['{"timestamp":"1","name":"a"}\n', "eventlog line 1: timestamp is not a number"],
  ['{"timestamp":0,"name":"a"}\n', "eventlog line 1: timestamp is not greater than zero"],
  ['{"timestamp":1}\n', "eventlog line 1: name is not a string"],
  ['{"timestamp":1,"name":""}\n', "eventlog line 1: name is empty"],
  ['{"timestamp":1,"name":"a","context":[]}\n', "eventlog line 1: context is not an object"],
])("%j is refused", (text, message) => {
  expect(() => parseEventlog(text)).toThrow(message);
});

test("what is no event is not written", () => {
  expect(() => encodeEntry({ timestamp: -1, name: "a" })).toThrow("event: timestamp");
  expect(() => encodeEntry({ timestamp: Number.POSITIVE_INFINITY, name: "a" })).toThrow("JSON");
  expect(() => parseEntry("{\n}")).toThrow("event: a newline within the event");
});

test("any log comes back", () => {
  const entry = fc
    .record(
      {
        timestamp: fc.double({ min: 1e-9, max: 1e12, noNaN: true }),
        name: fc.string({ minLength: 1 }),
        context: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.boolean(), fc.integer()), {
          noNullPrototype: true,
        }),
      },
      { requiredKeys: ["timestamp", "name"], noNullPrototype: true },
    )
    .filter(({ context }) => !context || !Object.hasOwn(context, "__proto__"));
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      expect(parseEventlog(encodeEventlog(entries))).toEqual(entries);
    }),
  );
});

test("durations and expirations stay reals", () => {
  const context = { "attributes.system.duration": 60, x: 1 };
  expect(encodeEntry({ timestamp: 1, name: "jobspec-update", context })).toBe(
    '{"timestamp":1.0,"name":"jobspec-update","context":{"attributes.system.duration":60.0,"x":1}}\n',
  );
  expect(memberText("resource-update", "expiration", 5)).toBe("5.0");
  expect(memberText("submit", "expiration", 5)).toBe("5");
});
