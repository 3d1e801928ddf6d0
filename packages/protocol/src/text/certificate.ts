import { FluxError } from "../rpc/error.ts";

// The certificate file of `flux keygen`: a ZPL text (ZeroMQ RFC 4) with a CURVE key pair, shared by
// all brokers of an instance with static configuration (wire-broker §2.1).

export interface KeyPair {
  /** Z85, 40 characters. */
  readonly publicKey: string;
  /** Z85, 40 characters. */
  readonly secretKey: string;
}

export interface Certificate extends KeyPair {
  /** `name` and whatever else describes the pair. */
  readonly metadata: Readonly<Record<string, string>>;
}

const keyPattern = /^[A-Za-z0-9.-]+$/;
const valuePattern = /^[A-Za-z0-9 \t.\-:+=^!/*?&<>()[\]{}@%$#]*$/;
const linePattern = /^\s+([A-Za-z0-9.-]+)\s*=\s*"([^"]*)"\s*$/;
const maxLine = 255;

/** Text of a certificate file. Throws EINVAL for metadata that the format cannot hold. */
export function printCertificate(certificate: Certificate): string {
  const metadata = Object.entries(certificate.metadata).map(([key, value]) => {
    if (!keyPattern.test(key))
      throw new FluxError("EINVAL", `metadata key '${key}' is not allowed`);
    if (!valuePattern.test(value)) {
      throw new FluxError("EINVAL", `metadata value '${value}' of ${key} is not allowed`);
    }
    return line(key, value);
  });
  return [
    "#   CURVE key pair of a Flux instance: whoever can read this file can join it.",
    "",
    "metadata",
    ...metadata,
    "curve",
    line("public-key", certificate.publicKey),
    line("secret-key", certificate.secretKey),
    "",
  ].join("\n");
}

function line(key: string, value: string): string {
  const text = `    ${key} = "${value}"`;
  if (text.length > maxLine) throw new FluxError("EINVAL", `metadata of ${key} is too long`);
  return text;
}

/** Read the text of a certificate file. Throws EINVAL naming what is wrong. */
export function parseCertificate(text: string): Certificate {
  const sections: Record<string, Record<string, string>> = { metadata: {}, curve: {} };
  let section: Record<string, string> | undefined;
  text.split("\n").forEach((row, index) => {
    const where = `line ${index + 1}`;
    if (row.length > maxLine) throw new FluxError("EINVAL", `${where} is too long`);
    if (row.trim() === "" || row.startsWith("#")) return;
    if (/^\S+$/.test(row.trimEnd())) {
      section = sections[row.trimEnd()];
      if (!section) throw new FluxError("EINVAL", `${where}: unknown section '${row.trimEnd()}'`);
      return;
    }
    const [, key, value] = linePattern.exec(row) ?? [];
    if (!section || key === undefined || value === undefined) {
      throw new FluxError("EINVAL", `${where}: expected an indented KEY = "VALUE"`);
    }
    section[key] = value;
  });
  return { metadata: sections.metadata!, ...keysOf(sections.curve!) };
}

function keysOf(curve: Readonly<Record<string, string>>): KeyPair {
  const key = (name: string): string => {
    const value = curve[name];
    if (value?.length !== 40) throw new FluxError("EINVAL", `${name} must have 40 characters`);
    return value;
  };
  return { publicKey: key("public-key"), secretKey: key("secret-key") };
}
