import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, type JsonObject, parseJson } from "../schema/json.ts";
import { decodeBase64, encodeBase64 } from "../text/base64.ts";
import { compareUtf8 } from "../text/utf8.ts";
import { isBlobref } from "./blobref.ts";

/**
 * Tree objects (RFC 11): what KVS directories, references and small values are stored as. They are
 * handled as plain JSON values, because they travel in RPCs as such. `hdir` exists in the RFC only.
 */
export type TreeObject = Val | Valref | Dir | Dirref | Symlink;
/** Opaque data itself, as base64. */
export type Val = { ver: 1; type: "val"; data: string };
/** Opaque data: the concatenation of these blobs. */
export type Valref = { ver: 1; type: "valref"; data: string[] };
export type Dir = { ver: 1; type: "dir"; data: DirEntries };
export type DirEntries = { [name: string]: TreeObject };
/** A directory stored as a blob of its own. The array has one element. */
export type Dirref = { ver: 1; type: "dirref"; data: string[] };
/** Another key, in another namespace if one is named. */
export type Symlink = { ver: 1; type: "symlink"; data: SymlinkData };
export type SymlinkData = { target: string; namespace?: string };

/**
 * The longest base64 text that stays a val when it is written to the content store (RFC 11: short
 * values should); longer ones become a valref.
 */
export const maxValTextLength = 72;

/** A val holding bytes. */
export function val(bytes: Uint8Array): Val {
  return { ver: 1, type: "val", data: encodeBase64(bytes) };
}

export function valref(blobrefs: string[]): Valref {
  return { ver: 1, type: "valref", data: blobrefs };
}

export function dir(entries: DirEntries = {}): Dir {
  return { ver: 1, type: "dir", data: entries };
}

export function dirref(blobref: string): Dirref {
  return { ver: 1, type: "dirref", data: [blobref] };
}

export function symlink(target: string, namespace?: string): Symlink {
  const data = namespace === undefined ? { target } : { namespace, target };
  return { ver: 1, type: "symlink", data };
}

/** The bytes in a val. EINVAL if they are not base64, which checkTreeObject does not look at. */
export function valBytes({ data }: Val): Uint8Array {
  return decodeBase64(data);
}

/**
 * The value as a tree object, checked to the last entry of a dir. EPROTO naming the place; `path`
 * names the object itself.
 */
export function checkTreeObject(value: Json | undefined, path = "treeobj"): TreeObject {
  if (!isJsonObject(value)) throw refuse(path, "not an object");
  const { ver, type, data, ...rest } = value;
  if (ver !== 1) throw refuse(path, "ver must be 1");
  for (const key in rest) throw refuse(path, `unknown key ${key}`);
  switch (type) {
    case "val":
      if (typeof data !== "string") throw refuse(path, "data of a val must be a string");
      break;
    case "valref":
    case "dirref":
      checkBlobrefs(data, type, path);
      break;
    case "dir":
      if (!isJsonObject(data)) throw refuse(path, "data of a dir must be an object");
      for (const name in data) checkTreeObject(data[name], `${path}.${name}`);
      break;
    case "symlink":
      checkSymlink(data, path);
      break;
    default:
      throw refuse(path, `unknown type ${JSON.stringify(type) ?? "(missing)"}`);
  }
  return value as TreeObject;
}

function checkBlobrefs(data: Json | undefined, type: string, path: string): void {
  if (!Array.isArray(data) || data.length === 0) {
    throw refuse(path, `data of a ${type} must be an array of blobrefs`);
  }
  for (const item of data) {
    if (typeof item !== "string" || !isBlobref(item)) {
      throw refuse(path, `${JSON.stringify(item)} is not a blobref`);
    }
  }
}

function checkSymlink(data: Json | undefined, path: string): void {
  if (!isJsonObject(data)) throw refuse(path, "data of a symlink must be an object");
  const { target, namespace } = data satisfies JsonObject;
  if (typeof target !== "string") throw refuse(path, "target of a symlink must be a string");
  if (namespace !== undefined && typeof namespace !== "string") {
    throw refuse(path, "namespace of a symlink must be a string");
  }
}

function refuse(path: string, what: string): FluxError {
  return new FluxError("EPROTO", `${path}: ${what}`);
}

/** A tree object from its text. EPROTO if it is none. */
export function parseTreeObject(text: string): TreeObject {
  let value: Json;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new FluxError("EPROTO", "treeobj: not JSON", { cause });
  }
  return checkTreeObject(value);
}

/**
 * The text that is stored: compact with sorted keys, so that the same directory is the same blob
 * whoever writes it.
 */
export function encodeTreeObject(object: TreeObject): string {
  return `{"data":${encodeData(object)},"type":"${object.type}","ver":1}`;
}

function encodeData(object: TreeObject): string {
  switch (object.type) {
    case "val":
      return JSON.stringify(object.data);
    case "valref":
    case "dirref":
      return JSON.stringify(object.data);
    case "dir": {
      const names = Object.keys(object.data).sort(compareUtf8);
      const member = (name: string) =>
        `${JSON.stringify(name)}:${encodeTreeObject(object.data[name]!)}`;
      return `{${names.map(member).join(",")}}`;
    }
    case "symlink": {
      const { target, namespace } = object.data;
      const prefix = namespace === undefined ? "" : `"namespace":${JSON.stringify(namespace)},`;
      return `{${prefix}"target":${JSON.stringify(target)}}`;
    }
  }
}
