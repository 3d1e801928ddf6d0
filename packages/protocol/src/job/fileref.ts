import { isBlobref } from "../kvs/blobref.ts";
import { FluxError } from "../rpc/error.ts";
import { isJsonObject, type Json, stringifyJson } from "../schema/json.ts";
import { decodeBase64, encodeBase64 } from "../text/base64.ts";
import { textOf } from "../text/utf8.ts";

/**
 * File system objects of an archive (RFC 37): batch scripts and other files in a jobspec, and what
 * `flux archive` stores.
 */
export type Fileref = {
  /** Missing where the archive is a dictionary, whose keys are the paths. */
  path?: string;
  /** `st_mode`: type and permissions. */
  mode: number;
  /** Bytes; of regular files only. */
  size?: number;
  /** Seconds since the epoch. */
  mtime?: number;
  ctime?: number;
  encoding?: FileEncoding;
  data?: Json;
};
export type FileEncoding = "utf-8" | "base64" | "blobvec";
/** One region of a file: where it starts, its size in bytes, the blob with its content. */
export type BlobvecRegion = [offset: number, size: number, blobref: string];

/** What belongs to any kind of object. */
export interface FileMetadata {
  path?: string;
  mtime?: number;
  ctime?: number;
}

const typeMask = 0o170000;
const fileTypes = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;
export type FileType = keyof typeof fileTypes;

/** What kind of object this is, or undefined for one that an archive cannot hold. */
export function fileTypeOf({ mode }: { mode: number }): FileType | undefined {
  const type = mode & typeMask;
  return (Object.keys(fileTypes) as FileType[]).find((name) => fileTypes[name] === type);
}

const permissions = (mode: number): number => mode & 0o7777;

/** A regular file with this content: as text if it is UTF-8, else as base64. */
export function fileOf(content: Uint8Array, mode = 0o600, metadata: FileMetadata = {}): Fileref {
  const base = { ...metadata, mode: fileTypes.file | permissions(mode), size: content.length };
  if (content.length === 0) return base;
  const text = textOf(content);
  return text === undefined
    ? { ...base, encoding: "base64", data: encodeBase64(content) }
    : { ...base, encoding: "utf-8", data: text };
}

/** A regular file with JSON content, which is not encoded and has no fixed size. */
export function jsonFileOf(content: Json, mode = 0o600, metadata: FileMetadata = {}): Fileref {
  return { ...metadata, mode: fileTypes.file | permissions(mode), data: content };
}

/** A regular file of this size whose content is in blobs; what no region covers is a hole. */
export function blobvecOf(
  regions: BlobvecRegion[],
  size: number,
  mode = 0o600,
  metadata: FileMetadata = {},
): Fileref {
  const base = { ...metadata, mode: fileTypes.file | permissions(mode), size };
  return { ...base, encoding: "blobvec", data: regions };
}

export function directoryOf(mode = 0o755, metadata: FileMetadata = {}): Fileref {
  return { ...metadata, mode: fileTypes.directory | permissions(mode) };
}

export function symlinkOf(target: string, metadata: FileMetadata = {}): Fileref {
  return { ...metadata, mode: fileTypes.symlink | 0o777, data: target };
}

/**
 * Bytes of a regular file that carries its content itself. One without data is empty, or a hole
 * of `size` bytes. EINVAL for a blobvec or another type.
 */
export function fileContent(file: Fileref, name = file.path ?? "file"): Uint8Array {
  const { data, encoding } = file;
  if (fileTypeOf(file) !== "file") throw new FluxError("EINVAL", `${name}: not a regular file`);
  if (data === undefined) return new Uint8Array(0);
  if (encoding === undefined) return new TextEncoder().encode(stringifyJson(data));
  if (encoding === "blobvec") {
    throw new FluxError("EINVAL", `${name}: content is in the content store`);
  }
  const text = data as string;
  const content = encoding === "base64" ? decodeBase64(text) : new TextEncoder().encode(text);
  if (file.size !== undefined && file.size !== content.length) {
    throw new FluxError("EINVAL", `${name}: size is ${file.size}, content ${content.length} bytes`);
  }
  return content;
}

/**
 * The value as a file system object. EINVAL naming what is wrong with it. `key` is its path in an
 * archive that is a dictionary.
 */
export function checkFileref(value: Json | undefined, key?: string): Fileref {
  const name = key ?? "fileref";
  if (!isJsonObject(value)) throw refuse(name, "not an object");
  const path = key ?? value.path;
  if (key !== undefined && value.path !== undefined) {
    throw refuse(name, "path given although the archive is a dictionary");
  }
  if (typeof path !== "string") throw refuse(name, "path is missing");
  checkPath(path);
  for (const field of ["size", "mtime", "ctime"] as const) {
    if (value[field] !== undefined && !Number.isSafeInteger(value[field])) {
      throw refuse(path, `${field} is not an integer`);
    }
  }
  if (!Number.isSafeInteger(value.mode)) throw refuse(path, "mode is not an integer");
  const file = value as Fileref;
  const type = fileTypeOf(file);
  if (!type) throw refuse(path, `unknown file type (mode=0${file.mode.toString(8)})`);
  if (type === "file") checkRegularFile(file, path);
  else checkOtherFile(file, type, path);
  return file;
}

/** RFC 37: paths are relative and stay below the directory they are extracted to. */
function checkPath(path: string): void {
  const names = path.split("/");
  if (path === "" || names.includes("..") || (names.includes(".") && path !== ".")) {
    throw refuse(path, "path contains . or ..");
  }
  if (path.startsWith("/")) throw refuse(path, "path is not relative");
}

function checkRegularFile({ encoding, data, size }: Fileref, path: string): void {
  switch (encoding) {
    case undefined:
      return;
    case "utf-8":
    case "base64":
      if (typeof data !== "string") throw refuse(path, `data of ${encoding} must be a string`);
      return;
    case "blobvec":
      if (size === undefined) throw refuse(path, "size is missing");
      if (!Array.isArray(data)) throw refuse(path, "data of blobvec must be an array");
      for (const region of data) checkRegion(region, path);
      return;
    default:
      throw refuse(path, `unknown encoding ${encoding}`);
  }
}

function checkRegion(region: Json, path: string): void {
  const [offset, size, blobref, ...rest] = Array.isArray(region) ? region : [];
  const isRegion =
    Number.isSafeInteger(offset) &&
    Number.isSafeInteger(size) &&
    typeof blobref === "string" &&
    isBlobref(blobref) &&
    rest.length === 0;
  if (!isRegion) throw refuse(path, "a blobvec entry is not [offset, size, blobref]");
}

function checkOtherFile(file: Fileref, type: FileType, path: string): void {
  if (file.size !== undefined) throw refuse(path, `a ${type} has no size`);
  if (file.encoding !== undefined) throw refuse(path, `a ${type} has no encoding`);
  if (type === "symlink" && typeof file.data !== "string") {
    throw refuse(path, "missing symlink data");
  }
  if (type === "directory" && file.data !== undefined)
    throw refuse(path, "a directory has no data");
}

function refuse(path: string, what: string): FluxError {
  return new FluxError("EINVAL", `${path}: ${what}`);
}
