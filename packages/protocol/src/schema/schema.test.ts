import { expect, test } from "vitest";
import { jsonBody } from "../rpc/body.ts";
import { parseJson, stringifyJson } from "./json.ts";
import { t } from "./schema.ts";

test("63-bit integers survive parsing and printing", () => {
  const text = '{"id":9007199254740993,"list":[9223372036854775807],"s":"9007199254740993"}';
  const value = parseJson(text);
  expect(value).toEqual({
    id: 9007199254740993n,
    list: [9223372036854775807n],
    s: "9007199254740993",
  });
  expect(stringifyJson(value)).toBe(text);
});

test("long digit strings in strings and fractions stay what they are", () => {
  const text = '{"a":"1:12345678901234567890,","b":0.12345678901234567,"c":1234567890123456}';
  expect(parseJson(text)).toEqual({
    a: "1:12345678901234567890,",
    b: 0.12345678901234566,
    c: 1234567890123456,
  });
});

test("a real is printed with a point, wherever it stands", () => {
  const body = jsonBody(
    t.object({ a: t.real, b: t.array(t.real), c: t.optional(t.object({ d: t.real })), e: t.int }),
  );
  const text = body.encode({ a: 1, b: [2, 2.5], c: { d: 0 }, e: 3 })?.text;
  expect(text).toBe('{"a":1.0,"b":[2.0,2.5],"c":{"d":0.0},"e":3}');
});

test("a job id is a bigint here and a plain integer on the wire", () => {
  const schema = t.object({ id: t.jobId });
  expect(schema.check({ id: 7 }, "x")).toEqual({ id: 7n });
  expect(jsonBody(schema).encode(schema.check({ id: 2 ** 40 }, "x"))?.text).toBe(
    '{"id":1099511627776}',
  );
});

test("a check names the path of what is wrong", () => {
  const schema = t.object({ jobs: t.array(t.object({ id: t.int })) });
  expect(() => schema.check({ jobs: [{ id: 1 }, { id: "x" }] }, "m")).toThrow(
    "m.jobs[1].id: expected an integer",
  );
});

test("checking does not copy unless it has to convert", () => {
  const value = { list: [{ a: 1 }], extra: true };
  expect(t.object({ list: t.array(t.object({ a: t.int })) }).check(value, "x")).toBe(value);
});

test("strict objects refuse unknown keys, others ignore them", () => {
  expect(() => t.object({ a: t.int }, { strict: true }).check({ a: 1, b: 2 }, "x")).toThrow("x.b");
  expect(t.object({ a: t.int }).check({ a: 1, b: 2 }, "x")).toEqual({ a: 1, b: 2 });
});
