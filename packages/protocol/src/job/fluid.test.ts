import fc from "fast-check";
import { expect, test } from "vitest";
import { f58, fluidTimestamp, formatJobId, jobIdForms, parseJobId, toJobId } from "./fluid.ts";

const anyId = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(toJobId);

test("an id can be read back from each of its forms", () => {
  fc.assert(
    fc.property(anyId, fc.constantFrom(...jobIdForms), (id, form) => {
      expect(parseJobId(formatJobId(id, form))).toBe(id);
    }),
  );
});

// What flux-core 0.88 makes of the same id.
test.each([
  [
    0n,
    "0x0",
    "0000.0000.0000.0000",
    "academy-academy-academy--academy-academy-academy",
    "ƒ1",
    "😃",
  ],
  [
    1n,
    "0x1",
    "0000.0000.0000.0001",
    "acrobat-academy-academy--academy-academy-academy",
    "ƒ2",
    "😄",
  ],
  [
    83198214144n,
    "0x135f000000",
    "0000.0013.5f00.0000",
    "almanac-gallop-profile--alex-academy-academy",
    "ƒ3BkwbV1",
    "📼🍉🏃😃",
  ],
  [
    9223372036854775807n,
    "0x7fffffffffffffff",
    "7fff.ffff.ffff.ffff",
    "natural-analyze-verbal--aurora-little-armada",
    "ƒNQm6nKp8qFC",
    "🍵🕒🐸📉🚇🏧🚭",
  ],
  [
    18446744073709551615n,
    "0xffffffffffffffff",
    "ffff.ffff.ffff.ffff",
    "natural-analyze-verbal--natural-analyze-verbal",
    "ƒjpXCZedGfVQ",
    "🚹💗💧👗😷📷📚",
  ],
])("forms of %d", (value, hex, dothex, words, base58, emoji) => {
  const id = toJobId(value);
  expect(jobIdForms.map((form) => formatJobId(id, form))).toEqual([
    value.toString(),
    `job.${dothex}`,
    hex,
    dothex,
    words,
    base58,
    base58.replace("ƒ", "f"),
    emoji,
  ]);
  expect(f58(id)).toBe(base58);
});

test.each([
  ["f1", 0n],
  ["f1234", 3483n],
  [" 12", 12n],
  ["12\n", 12n],
  ["f1 ", 0n],
  ["foo", 2714n],
  ["job.12", 12n],
  ["job.f1", 0n],
  ["0x1F", 31n],
  ["0.13.5f00.0", 83198214144n],
  ["ALMANAC-gallop-profile--alex-academy-academy", 83198214144n],
  ["f11111111111z", 57n],
])("%j is %d", (text, id) => {
  expect(parseJobId(text)).toBe(id);
});

test.each([
  "",
  " ",
  "f",
  "ƒ",
  "fO",
  "fl",
  "12x",
  "-1",
  "+1",
  "1.5",
  "0x",
  "0X1F",
  "0x10000000000000000",
  "18446744073709551616",
  "fjpXCZedGfVR",
  "fzzzzzzzzzzzz",
  "f1111111111111",
  "0000.0013.5f00",
  "0000.0013.5f00.00000",
  "0000.0013.5g00.0000",
  "almanac-gallop-profile",
  "almanac-gallop-profile--alex-academy-xyzzy",
  "almanac-gallop-profile--alex-academy-academy-academy",
  "verbal-verbal-verbal--academy-academy-academy",
  "🍏🥝",
  "🎌🎌🎌🎌🎌🎌🎌🎌",
  "ƒ3Bk🎌bV1",
])("%j is no job id", (text) => {
  expect(() => parseJobId(text)).toThrow(`error parsing jobid: "${text}"`);
});

test("only 64-bit unsigned integers become job ids", () => {
  expect(toJobId(5)).toBe(5n);
  for (const value of [-1, -1n, 1.5, 2 ** 60, Number.NaN, 2n ** 64n]) {
    expect(() => toJobId(value)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  }
});

test("the timestamp of an id is in milliseconds", () => {
  expect(fluidTimestamp(toJobId(83198214144n))).toBe(4959);
});
