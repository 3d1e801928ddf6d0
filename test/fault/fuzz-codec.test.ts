// Damaged bytes into the codec: it reads them or refuses them, and nothing else happens.
// FUZZ_MESSAGES sets how many (10 million before a release; fewer in CI).

import { decodeFrames, encodeFrames } from "@flux-ts/protocol/message/frames";
import { StreamDecoder } from "@flux-ts/protocol/message/stream";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { mutate, Random } from "@flux-ts/testing/mutate";
import { sampleMessages } from "@flux-ts/testing/sample-messages";
import { expect, test } from "vitest";

const count = Number(process.env.FUZZ_MESSAGES ?? 300_000);
const maxMessageBytes = 1 << 20;
const allowedGrowthBytes = 100 * 2 ** 20;

function readAll(bytes: Uint8Array): void {
  try {
    for (const message of new StreamDecoder(maxMessageBytes).feed(bytes)) {
      decodeFrames(encodeFrames(message));
      if (message.payload) void message.payload.json;
    }
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
  }
}

test(`${count} mutated messages: no crash, no hang, memory bounded`, () => {
  const seed = Number(process.env.FUZZ_SEED ?? 20261122);
  const random = new Random(seed);
  const samples = sampleMessages();
  const before = process.memoryUsage().rss;
  for (let i = 0; i < count; i++) readAll(mutate(samples[random.below(samples.length)]!, random));
  expect(process.memoryUsage().rss - before).toBeLessThan(allowedGrowthBytes);
}, 3_600_000);
