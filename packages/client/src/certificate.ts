import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import {
  type Certificate,
  type KeyPair,
  parseCertificate,
  printCertificate,
} from "@flux-ts/protocol/text/certificate";
import { decodeZ85, encodeZ85 } from "@flux-ts/protocol/text/z85";

// Keys of the overlay network. CURVE keys are X25519 keys, so Node makes them without libzmq.

/** A new key pair. */
export function newKeyPair(): KeyPair {
  const { privateKey } = generateKeyPairSync("x25519");
  const jwk = privateKey.export({ format: "jwk" });
  return { publicKey: z85Of(jwk, "x"), secretKey: z85Of(jwk, "d") };
}

/** The public key that belongs to a secret one. */
export function publicKeyOf(secretKey: string): string {
  return z85Of(createPublicKey(privateKeyOf(secretKey)).export({ format: "jwk" }), "x");
}

/** RFC 8410: the 16 bytes that precede the key in its PKCS #8 form. */
const pkcs8Prefix = Buffer.from("302e020100300506032b656e04220420", "hex");

function privateKeyOf(secretKey: string): KeyObject {
  const key = Buffer.concat([pkcs8Prefix, decodeZ85(secretKey)]);
  return createPrivateKey({ key, format: "der", type: "pkcs8" });
}

function z85Of(jwk: JsonWebKey, member: "x" | "d"): string {
  return encodeZ85(Buffer.from(jwk[member] ?? "", "base64url"));
}

/**
 * Read the certificate file of an instance. EPERM if others than its owner can read it, EINVAL if it
 * is no certificate or its keys do not belong together.
 */
export function readCertificate(path: string): Certificate {
  const text = readPrivately(path);
  try {
    const certificate = parseCertificate(text);
    if (publicKeyOf(certificate.secretKey) !== certificate.publicKey) {
      throw new FluxError("EINVAL", "the public key does not belong to the secret one");
    }
    return certificate;
  } catch (cause) {
    const text = cause instanceof FluxError ? cause.message : "the keys are not valid";
    throw new FluxError("EINVAL", `${path}: ${text}`, { cause });
  }
}

function readPrivately(path: string): string {
  const fd = open(path);
  try {
    const othersMayRead = 0o044;
    if (fstatSync(fd).mode & othersMayRead) {
      throw new FluxError("EPERM", `${path}: readable by group/other`);
    }
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const errno = code === "ENOENT" || code === "EACCES" ? code : "EIO";
    throw new FluxError(errno, `${path}: ${new FluxError(errno).message}`, { cause });
  }
}

/** Write a certificate file, readable for its owner alone. */
export function writeCertificate(path: string, certificate: Certificate): void {
  writeFileSync(path, printCertificate(certificate), { mode: 0o600 });
}
