import { FluxError } from "../rpc/error.ts";
import { type Json, type JsonObject, parseJson, stringifyJson } from "../schema/json.ts";
import { decodeUtf8, encodeUtf8 } from "./text.ts";

/**
 * The payload of a message: bytes, or a JSON value that becomes bytes only when the message leaves
 * the process, so that parts of one broker hand values to each other without printing and parsing.
 *
 * RFC 3: a JSON payload is the text of one object with a terminating NUL. Values are shared, hence
 * nobody may change one after it was sent or received.
 */
export class Payload {
  #bytes: Uint8Array | undefined;
  #value: JsonObject | undefined;
  #print: (() => string) | undefined;

  private constructor(
    bytes: Uint8Array | undefined,
    value: JsonObject | undefined,
    print: (() => string) | undefined,
  ) {
    this.#bytes = bytes;
    this.#value = value;
    this.#print = print;
  }

  static raw(bytes: Uint8Array): Payload {
    return new Payload(bytes, undefined, undefined);
  }

  /** A string payload, such as an error string: NUL-terminated UTF-8. */
  static text(text: string): Payload {
    return new Payload(encodeUtf8(`${text}\0`), undefined, undefined);
  }

  /** A JSON payload. `print` gives its text where a schema knows more than the value (real numbers). */
  static json(value: JsonObject, print?: () => string): Payload {
    return new Payload(undefined, value, print ?? (() => stringifyJson(value)));
  }

  get bytes(): Uint8Array {
    if (!this.#bytes) {
      this.#bytes = encodeUtf8(`${this.#print!()}\0`);
      this.#print = undefined;
    }
    return this.#bytes;
  }

  /** The payload as a string: everything up to the terminating NUL, which must be there. */
  get text(): string {
    const { bytes } = this;
    if (bytes.length === 0 || bytes[bytes.length - 1] !== 0) {
      throw new FluxError("EPROTO", "payload is not a NUL-terminated string");
    }
    return decodeUtf8(bytes.subarray(0, bytes.length - 1));
  }

  /** The payload as a JSON object. EPROTO if it is anything else. */
  get json(): JsonObject {
    if (this.#value === undefined) this.#value = objectOf(this.text);
    return this.#value;
  }
}

function objectOf(text: string): JsonObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new FluxError("EPROTO", "payload is not JSON", { cause });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new FluxError("EPROTO", "payload is not a JSON object");
  }
  return value;
}
