import { Payload } from "../message/payload.ts";
import type { JsonObject } from "../schema/json.ts";
import { type ObjectOf, type Schema, type Shape, t } from "../schema/schema.ts";
import { FluxError } from "./error.ts";

/** How the payload of one kind of message is made and read. */
export interface Body<T> {
  encode(value: T): Payload | undefined;
  /** Throws EPROTO if the payload is not of this kind; `path` names the method in the text. */
  decode(payload: Payload | undefined, path: string): T;
}

/** A JSON object of this shape (RFC 6: what nearly every method speaks). */
export function jsonBody<T>(schema: Schema<T>): Body<T> {
  const { print } = schema;
  return {
    encode(value) {
      return Payload.json(value as JsonObject, print && (() => print(value)));
    },
    decode(payload, path) {
      // A missing payload is an empty object: whatever key is required then misses.
      return schema.check(payload ? payload.json : {}, path);
    },
  };
}

/** No payload; one that is there all the same is ignored, as flux-core's handlers do. */
export const emptyBody: Body<void> = {
  encode: () => undefined,
  decode: () => undefined,
};

/** Bytes with a meaning of their own: blobs, digests. */
export const rawBody: Body<Uint8Array> = {
  encode: (bytes) => Payload.raw(bytes),
  decode: (payload) => payload?.bytes ?? new Uint8Array(0),
};

/** A NUL-terminated string that is not JSON, such as a log line. */
export const textBody: Body<string> = {
  encode: (text) => Payload.text(text),
  decode(payload, path) {
    if (!payload) throw new FluxError("EPROTO", `${path}: payload is missing`);
    return payload.text;
  },
};

/** Any JSON object, handed on as it is. */
export const anyBody: Body<JsonObject> = jsonBody(t.jsonObject);

export function shapeBody<S extends Shape>(shape: S): Body<ObjectOf<S>> {
  return jsonBody(t.object(shape));
}
