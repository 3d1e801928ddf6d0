import { hash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { digestSizes, type HashName, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { Errno, type ErrnoName } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { parseJson } from "@flux-ts/protocol/schema/json";
import { type Checkpoint, checkpoint, content } from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";

/** Name of the file that holds the one checkpoint this store keeps. */
const checkpointName = "kvs-primary";

/**
 * A backing store of rank 0 with one file per blob, named by its blobref, in `<statedir>/content.files`.
 * Slower than content-sqlite, but readable with everyday tools.
 */
class FilesService implements ModuleInstance {
  readonly #context: ModuleContext;
  readonly #directory: string;
  readonly #hashName: HashName;
  readonly #isTesting: boolean;

  constructor(context: ModuleContext, directory: string, hashName: HashName, isTesting: boolean) {
    this.#context = context;
    this.#directory = directory;
    this.#hashName = hashName;
    this.#isTesting = isTesting;
    this.#serve();
  }

  async register(): Promise<void> {
    await this.#context.flux.addService("content-backing");
    if (this.#isTesting) return;
    await this.#context.flux.call(content.registerBacking, { name: "content-files" });
  }

  async stop(): Promise<void> {
    if (this.#isTesting) return;
    await this.#context.flux.call(content.unregisterBacking).catch(() => {});
  }

  stats(): { object_count: number } {
    return { object_count: readdirSync(this.#directory).length };
  }

  #serve(): void {
    this.#context.flux.serveAll(contentBacking, {
      load: (digest) => this.#read(this.#blobref(digest)),
      store: (bytes) => {
        const key = hash(this.#hashName, bytes, "hex");
        this.#write(`${this.#hashName}-${key}`, bytes);
        return Buffer.from(key, "hex");
      },
      validate: (digest) => {
        withErrno(() => statSync(join(this.#directory, this.#blobref(digest))));
      },
      checkpointGet: () => ({ value: [this.#checkpoint()] }),
      checkpointPut: ({ value }) => this.#write(checkpointName, checkpoint.print!(value)),
      storeBatch: ({ blobs, checkpoints }) => {
        for (const { key, bytes } of blobs) this.#write(`${this.#hashName}-${key}`, bytes);
        const newest = checkpoints.at(-1);
        if (newest !== undefined) this.#write(checkpointName, newest);
      },
    });
  }

  #blobref(digest: Uint8Array): string {
    if (digest.length !== digestSizes[this.#hashName]) throw new FluxError("EPROTO");
    return `${this.#hashName}-${Buffer.from(digest).toString("hex")}`;
  }

  #checkpoint(): Checkpoint {
    const text = Buffer.from(this.#read(checkpointName)).toString();
    try {
      return checkpoint.check(parseJson(text), checkpointName);
    } catch (cause) {
      throw new FluxError("EINVAL", `${checkpointName} does not hold a checkpoint`, { cause });
    }
  }

  #read(name: string): Uint8Array {
    return withErrno(() => readFileSync(join(this.#directory, name)));
  }

  /** A file is complete or not there: it is written under another name first. */
  #write(name: string, data: Uint8Array | string): void {
    const path = join(this.#directory, name);
    withErrno(() => {
      const fd = openSync(`${path}.new`, "w", 0o600);
      try {
        writeFileSync(fd, data);
        if (name === checkpointName) fsyncSync(fd);
      } finally {
        closeSync(fd);
      }
      renameSync(`${path}.new`, path);
    });
  }
}

function withErrno<T>(body: () => T): T {
  try {
    return body();
  } catch (cause) {
    const { code = "EIO", message } = cause as NodeJS.ErrnoException;
    const isKnown = Object.hasOwn(Errno, code);
    if (code === "ENOENT") throw new FluxError("ENOENT", undefined, { cause });
    throw new FluxError(isKnown ? (code as ErrnoName) : "EIO", message, { cause });
  }
}

async function start(context: ModuleContext): Promise<FilesService> {
  const flags = new Set(context.args);
  for (const arg of flags) {
    if (arg !== "testing" && arg !== "truncate") {
      throw new FluxError("EINVAL", `Unknown module option: ${arg}`);
    }
  }
  const hashName = await context.flux.attr("content.hash");
  if (!isHashName(hashName)) throw new FluxError("EINVAL", `${hashName}: unknown hash type`);
  const statedir = await statedirOf(context);
  const directory = join(statedir, "content.files");
  withErrno(() => {
    if (flags.has("truncate")) rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  });
  const service = new FilesService(context, directory, hashName, flags.has("testing"));
  await service.register();
  return service;
}

async function statedirOf({ flux }: ModuleContext): Promise<string> {
  try {
    return await flux.attr("statedir");
  } catch (error) {
    throw isErrno(error, "ENOENT") ? new FluxError("ENOENT", "statedir is not set") : error;
  }
}

export default defineModule({ name: "content-files", host: "thread", start });
