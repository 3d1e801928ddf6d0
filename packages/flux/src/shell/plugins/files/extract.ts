import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Flux } from "@flux-ts/client/handle";
import {
  type BlobvecRegion,
  checkFileref,
  type Fileref,
  fileContent,
  fileTypeOf,
} from "@flux-ts/protocol/job/fileref";
import { parseBlobref } from "@flux-ts/protocol/kvs/blobref";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { content } from "@flux-ts/protocol/services/content";

/** A file system object of an archive, and where it belongs. */
export interface ArchiveEntry {
  readonly path: string;
  readonly file: Fileref;
}

/** The objects of an archive (RFC 37), a list or a dictionary by path. EINVAL naming a bad one. */
export function archiveEntries(archive: Json): ArchiveEntry[] {
  const entries: [string | undefined, Json | undefined][] = Array.isArray(archive)
    ? archive.map((file) => [undefined, file])
    : Object.entries(archive as { [path: string]: Json });
  return entries.map(([key, value]) => {
    const file = checkFileref(value, key);
    return { path: key ?? file.path!, file };
  });
}

/**
 * Make the objects below a directory, with the folders they need. Throws what went wrong, by path.
 */
export async function extractEntries(
  flux: Flux,
  directory: string,
  entries: readonly ArchiveEntry[],
): Promise<void> {
  for (const { path, file } of entries) {
    const full = join(directory, path);
    try {
      mkdirSync(dirname(full), { recursive: true });
      await extract(flux, full, file, path);
    } catch (error) {
      if (error instanceof FluxError) throw error;
      const { errno = -5, message } = error as NodeJS.ErrnoException;
      throw new FluxError(-errno, `${path}: ${message}`, { cause: error });
    }
  }
}

async function extract(flux: Flux, full: string, file: Fileref, path: string): Promise<void> {
  const permissions = file.mode & 0o7777;
  switch (fileTypeOf(file)) {
    case "directory":
      mkdirSync(full, { recursive: true, mode: permissions });
      break;
    case "symlink":
      rmSync(full, { force: true });
      symlinkSync(String(file.data), full);
      return;
    case "file":
      if (file.encoding === "blobvec") await writeBlobs(flux, full, file);
      else writeFileSync(full, fileContent(file, path), { mode: permissions });
      if (file.data === undefined && file.size) truncate(full, file.size);
      break;
    case undefined:
      throw new FluxError("EINVAL", `${path}: unknown file type`);
  }
  chmodSync(full, permissions);
  if (file.mtime !== undefined) utimesSync(full, file.mtime, file.mtime);
}

async function writeBlobs(flux: Flux, full: string, { data, size = 0 }: Fileref): Promise<void> {
  const fd = openSync(full, "w");
  try {
    for (const [offset, length, blobref] of data as unknown as BlobvecRegion[]) {
      const blob = await flux.call(content.load, parseBlobref(blobref).digest);
      if (blob.length !== length) {
        throw new FluxError("EINVAL", `${full}: blob ${blobref} has ${blob.length} bytes`);
      }
      writeSync(fd, blob, 0, length, offset);
    }
    // What no region covers is a hole.
    ftruncateSync(fd, size);
  } finally {
    closeSync(fd);
  }
}

function truncate(full: string, size: number): void {
  const fd = openSync(full, "r+");
  ftruncateSync(fd, size);
  closeSync(fd);
}
