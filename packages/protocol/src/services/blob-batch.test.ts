import fc from "fast-check";
import { expect, test } from "vitest";
import { Payload } from "../message/payload.ts";
import { type AddressedBlob, packedBatchBody, sharedBlobsBody } from "./blob-batch.ts";

const blobs = fc.array(
  fc.record({
    key: fc.stringMatching(/^[0-9a-f]{40}$/),
    bytes: fc.uint8Array({ maxLength: 80 }),
  }),
);
const plain = (all: readonly AddressedBlob[]) => all.map(({ key, bytes }) => [key, [...bytes]]);

test("a packed batch comes out as it went in, empty blobs and checkpoints included", () => {
  const batchOf = fc.record({ blobs, checkpoints: fc.array(fc.string()) });
  fc.assert(
    fc.property(batchOf, (batch) => {
      const decoded = packedBatchBody.decode(packedBatchBody.encode(batch), "test");
      expect(decoded.checkpoints).toEqual(batch.checkpoints);
      expect(plain(decoded.blobs)).toEqual(plain(batch.blobs));
    }),
  );
});

test("shared blobs come out as they went in, also where they have to be printed", () => {
  fc.assert(
    fc.property(fc.record({ blobs, needsBacking: fc.boolean() }), (given) => {
      const payload = sharedBlobsBody.encode(given)!;
      const printed = Payload.raw(payload.bytes);
      for (const each of [payload, printed]) {
        const decoded = sharedBlobsBody.decode(each, "test");
        expect(decoded.needsBacking).toBe(given.needsBacking);
        expect(plain(decoded.blobs)).toEqual(plain(given.blobs));
      }
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
