import { FluxError } from "../rpc/error.ts";
import { decodeBase64, encodeBase64 } from "../text/base64.ts";
import { decodeKeyValues, encodeKeyValues, type KeyValue } from "../text/key-value.ts";

/**
 * Signed requests (RFC 39), `J` in job submissions: HEADER.PAYLOAD.SIGNATURE. Mechanism *none* is
 * complete here; another one signs `signedText` itself and compares `userid` with what it proved.
 */
export interface SignedRequest {
  /** The user who claims to have signed. */
  readonly userid: number;
  readonly mechanism: string;
  readonly payload: Uint8Array;
  readonly signature: string;
  /** HEADER.PAYLOAD, what the signature is over. */
  readonly signedText: string;
  /** All keys of the header, those of the mechanism included. */
  readonly header: ReadonlyMap<string, KeyValue>;
}

const version = 1n;
const maxUserid = 0xffffffff;

const refuse = (text: string): FluxError => new FluxError("EINVAL", `signed request: ${text}`);

/** HEADER.PAYLOAD for a mechanism to sign; `extra` are header keys of that mechanism. */
export function textToSign(
  payload: Uint8Array,
  userid: number,
  mechanism: string,
  extra: Iterable<readonly [string, KeyValue]> = [],
): string {
  if (!isUserid(userid)) throw refuse(`userid ${userid} is out of range`);
  const header = encodeKeyValues([
    ["version", { type: "i", value: version }],
    ["userid", { type: "i", value: BigInt(userid) }],
    ["mechanism", { type: "s", value: mechanism }],
    ...extra,
  ]);
  return `${encodeBase64(header)}.${encodeBase64(payload)}`;
}

/** A request signed with mechanism none. */
export function wrapNone(payload: Uint8Array, userid: number): string {
  return `${textToSign(payload, userid, "none")}.none`;
}

/** Take a request apart, whatever its mechanism. Proves nothing. EINVAL if it is malformed. */
export function parseSigned(text: string): SignedRequest {
  const [header, payload, signature, ...rest] = text.split(".");
  if (header === undefined || payload === undefined || signature === undefined || rest.length) {
    throw refuse("not of the form HEADER.PAYLOAD.SIGNATURE");
  }
  const keys = decodeKeyValues(decodeBase64(header));
  const given = keys.get("version");
  if (given?.type !== "i" || given.value !== version) throw refuse("version must be 1");
  const userid = keys.get("userid");
  if (userid?.type !== "i" || !isUserid(Number(userid.value))) throw refuse("userid is missing");
  const mechanism = keys.get("mechanism");
  if (mechanism?.type !== "s") throw refuse("mechanism is missing");
  return {
    userid: Number(userid.value),
    mechanism: mechanism.value,
    payload: decodeBase64(payload),
    signature,
    signedText: `${header}.${payload}`,
    header: keys,
  };
}

/**
 * Open a request of mechanism none. The caller compares `userid` with who sent it (RFC 39).
 * EINVAL for another mechanism, or a header key that this one does not have.
 */
export function unwrapNone(text: string): SignedRequest {
  const request = parseSigned(text);
  if (request.mechanism !== "none") {
    throw refuse(`mechanism ${request.mechanism} is not none`);
  }
  if (request.header.size !== 3) throw refuse("unknown header key");
  if (request.signature !== "none") throw refuse("signature of mechanism none must be none");
  return request;
}

const isUserid = (value: number): boolean =>
  Number.isInteger(value) && value >= 0 && value <= maxUserid;
