import { emojiAlphabet } from "@flux-ts/protocol/job/emoji-alphabet";
import { f58, fluidTimestamp, formatJobId, parseJobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { FluidGenerator } from "@flux-ts/protocol/job/fluid-generator";
import { parseJson, stringifyJson } from "@flux-ts/protocol/schema/json";
import { expect, test } from "vitest";

const example = toJobId(6731191091817518n);

test("RFC 19 Implementation: a FLUID is timestamp, generator id and sequence number in 40, 14 and 10 bits", () => {
  const [timestampMs, number] = [2 ** 40 - 2, 2 ** 14 - 1];
  const generator = new FluidGenerator({ generator: number, timestampMs }, 0);
  generator.generate(0);
  expect(generator.generate(0)).toBe((BigInt(timestampMs) << 24n) | (BigInt(number) << 10n) | 1n);
});

test("RFC 19 Implementation: the timestamp counts milliseconds since an epoch of one's choice", () => {
  const generator = new FluidGenerator({ generator: 0, timestampMs: 0 }, 123_456);
  expect(fluidTimestamp(generator.generate(123_456 + 5))).toBe(5);
});

test("RFC 19 Implementation: 1024 ids come from each generator in a millisecond, none of them twice", () => {
  const generators = [0, 1, 16383].map(
    (generator) => new FluidGenerator({ generator, timestampMs: 7 }, 0),
  );
  const ids = generators.flatMap((each) => Array.from({ length: 1024 }, () => each.generate(0)));
  expect(new Set(ids).size).toBe(3 * 1024);
  expect(ids.every((id) => fluidTimestamp(id) === 7)).toBe(true);
});

test("RFC 19 Implementation: ids of different generators sort by time", () => {
  const [a, b] = [5, 2].map((generator) => new FluidGenerator({ generator, timestampMs: 0 }, 0));
  expect(a!.generate(1) < b!.generate(2) && b!.generate(2) < a!.generate(3)).toBe(true);
});

test("RFC 19 Representation: a FLUID is a 64-bit integer", () => {
  expect(parseJobId("6731191091817518")).toBe(6731191091817518n);
  expect(parseJobId("18446744073709551615")).toBe(2n ** 64n - 1n);
  expect(() => parseJobId("18446744073709551616")).toThrow("error parsing jobid");
});

test("RFC 19 F58: base 58 with the prefix U+0192", () => {
  expect(f58(example)).toBe("\u0192uZZybuNNy");
  expect(formatJobId(example, "f58")).toBe("ƒuZZybuNNy");
  for (const text of ["ƒZemgA8Bzf", "ƒ278oEf7zGf"]) expect(f58(parseJobId(text))).toBe(text);
});

test("RFC 19 F58: the alphabet has no 0, O, I and l", () => {
  const digits = Array.from({ length: 58 }, (_, i) => f58(toJobId(i)).slice(1)).join("");
  expect(digits).toBe("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz");
  for (const digit of "0OIl") expect(() => parseJobId(`ƒ${digit}`)).toThrow();
});

test("RFC 19 F58: an ASCII f is accepted for the prefix", () => {
  expect(parseJobId("fuZZybuNNy")).toBe(example);
});

test("RFC 19 Hexadecimal: base 16 with the prefix 0x", () => {
  expect(formatJobId(example, "hex")).toBe("0x17e9fb8df16c2e");
  expect(parseJobId("0xedaf97d000000")).toBe(0xedaf97d000000n);
});

test("RFC 19 Dotted-Hexadecimal: four groups of four digits", () => {
  expect(formatJobId(example, "dothex")).toBe("0017.e9fb.8df1.6c2e");
  expect(parseJobId("000e.daf9.7d00.0000")).toBe(0xedaf97d000000n);
});

test("RFC 19 Mnemonic: mnemonicode words", () => {
  expect(formatJobId(example, "words")).toBe("reform-remote-galileo--heart-package-academy");
  const text = "random-idea-yoyo--sugar-printer-academy";
  expect(formatJobId(parseJobId(text), "words")).toBe(text);
});

test("RFC 19 Emoji: 576 emoji of four UTF-8 bytes that start with F0 9F", () => {
  expect(new Set(emojiAlphabet).size).toBe(576);
  for (const emoji of emojiAlphabet) {
    const bytes = new TextEncoder().encode(emoji);
    expect([bytes.length, bytes[0], bytes[1]]).toEqual([4, 0xf0, 0x9f]);
  }
});

test("RFC 19 Emoji: an emoji's place in the table is its value in base 576", () => {
  const text = [0n, 1n, 575n, 576n].map((id) => formatJobId(toJobId(id), "emoji"));
  expect(text).toEqual(["😃", "😄", "🎌", "😄😃"]);
  for (const emoji of ["🚹💂🙌😳💱🏃", "😄😹🎇📥🏧🙉🔞", "🚹💂🈳💰🎩🏃"]) {
    expect(formatJobId(parseJobId(emoji), "emoji")).toBe(emoji);
  }
});

test.each([
  ["a dot", "f000.0000.0000.0001", 0xf000_0000_0000_0001n],
  ["a hyphen", "forest-academy-academy--academy-academy-academy", undefined],
  ["f", "f12", 1n],
  ["ƒ", "ƒ12", 1n],
  ["the bytes F0 9F", "😄", 1n],
  ["0x", "0x12", 0x12n],
  ["a digit", "12", 12n],
])("RFC 19 Decoding: text with %s tells its own encoding", (_, text, id) => {
  const parsed = parseJobId(text);
  if (id === undefined) expect(formatJobId(parsed, "words")).toBe(text);
  else expect(parsed).toBe(id);
});

test.each(["ƒuZZybuNNy", "6731191091817518", "0x17e9fb8df16c2e", "0017.e9fb.8df1.6c2e"])(
  "RFC 19 Decoding: blanks around %s are ignored",
  (text) => {
    expect(parseJobId(` \t${text}\n `)).toBe(example);
  },
);

test("RFC 19 JSON Encoding: peers send numbers, against the RFC; they keep all their digits here", () => {
  const id = 2n ** 63n - 1n;
  const text = `{"id":${id}}`;
  expect(parseJson(text)).toEqual({ id });
  expect(stringifyJson({ id })).toBe(text);
});
