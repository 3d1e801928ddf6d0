import { expect, test } from "vitest";
import { endpointOf, parseBusinessCard, printBusinessCard } from "./business-card.ts";

const uri = ["tcp://[::ffff:10.0.0.1]:4000", "ipc:///tmp/f/tbon-0"];

test("cards are the compact JSON that flux-core reads", () => {
  expect(printBusinessCard({ host: "h", uri, pubkey: "k" })).toBe(
    '{"host":"h","uri":["tcp://[::ffff:10.0.0.1]:4000","ipc:///tmp/f/tbon-0"],"pubkey":"k"}',
  );
  expect(printBusinessCard({ host: "h", uri: [] })).toBe('{"host":"h","uri":[]}');
  expect(parseBusinessCard('{"host":"h","pubkey":"k","uri":[]}', 0)).toEqual({
    host: "h",
    pubkey: "k",
    uri: [],
  });
});

test("a bad card names its rank", () => {
  expect(() => parseBusinessCard("{", 3)).toThrow("business card of rank 3 is not JSON");
  expect(() => parseBusinessCard('{"uri":[]}', 3)).toThrow(
    "business card of rank 3.host: expected",
  );
});

test("ipc is taken where it is wanted and offered", () => {
  const card = { host: "h", uri };
  expect(endpointOf(card, { preferIpc: true })).toBe(uri[1]);
  expect(endpointOf(card, { preferIpc: false })).toBe(uri[0]);
  expect(endpointOf({ host: "h", uri: [uri[0]!] }, { preferIpc: true })).toBe(uri[0]);
  expect(endpointOf({ host: "h", uri: [] }, { preferIpc: true })).toBeUndefined();
});
