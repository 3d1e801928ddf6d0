import fc from "fast-check";
import { expect, test } from "vitest";
import { Payload } from "../message/payload.ts";
import type { Body } from "../rpc/body.ts";
import { type BlobBatch, packedBatchBody, sharedBatchBody } from "./blob-batch.ts";

const printed: Body<BlobBatch> = {
  encode: (batch) => Payload.raw(sharedBatchBody.encode(batch)!.bytes),
  decode: sharedBatchBody.decode,
};

test.each([
  ["packed", packedBatchBody],
  ["shared", sharedBatchBody],
  ["shared and printed", printed],
])("a %s batch comes out as it went in, empty blobs and checkpoints included", (_, body) => {
  const batchOf = fc.record({
    blobs: fc.array(
      fc.record({
        key: fc.stringMatching(/^[0-9a-f]{40}$/),
        bytes: fc.uint8Array({ maxLength: 80 }),
      }),
    ),
    checkpoints: fc.array(fc.string()),
  });
  fc.assert(
    fc.property(batchOf, (batch) => {
      const { blobs, checkpoints } = body.decode(body.encode(batch), "test");
      expect(checkpoints).toEqual(batch.checkpoints);
      expect(blobs.map(({ key, bytes }) => [key, [...bytes]])).toEqual(
        batch.blobs.map(({ key, bytes }) => [key, [...bytes]]),
      );
    }),
  );
});

test("a batch cut anywhere is refused with EPROTO", () => {
  const blobs = [{ key: "00", bytes: new Uint8Array(5) }];
  const { bytes } = packedBatchBody.encode({ blobs, checkpoints: ["{}"] }) as Payload;
  for (let length = 0; length < bytes.length; length++) {
    const cut = Payload.raw(bytes.slice(0, length));
    expect(() => packedBatchBody.decode(cut, "test"), `${length}`).toThrow(/batch/);
  }
});
