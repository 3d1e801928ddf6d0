import type { Flux } from "@flux-ts/client/handle";
import { encodeEntry } from "@flux-ts/protocol/job/eventlog";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { dir, symlink, type TreeObject, val } from "@flux-ts/protocol/kvs/treeobj";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { ExecEvent } from "../job.ts";

/** Events are gathered this long before they are committed. */
const batchMs = 10;
const execLog = "exec.eventlog";

interface GuestOptions {
  readonly id: JobId;
  /** Userid of the job. */
  readonly owner: number;
  /** Blobref of the empty directory. */
  readonly emptyRoot: string;
}

/**
 * The guest namespace of a job: where its shells and tasks write while it runs. At the end its content
 * moves into the job's directory (wire-jobs §7.2).
 *
 * Until `publish` nothing is written: what a job has to say that is over by then goes into its directory
 * with one commit, which saves making, linking, reading and removing a namespace's tree.
 */
export class GuestNamespace {
  readonly #flux: Flux;
  readonly #options: GuestOptions;
  readonly #namespace: string;
  readonly #guestKey: string;
  /** Text that waits to be committed, by log. */
  #pending = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  /** The namespace is made, or about to be. */
  #created: Promise<void> | undefined;
  #published: Promise<unknown> | undefined;
  #isPublished = false;
  /** Commits run one after the other, so that events stay in order. */
  #committed: Promise<unknown> = Promise.resolve();

  constructor(flux: Flux, options: GuestOptions) {
    this.#flux = flux;
    this.#options = options;
    this.#namespace = `job-${options.id}`;
    this.#guestKey = `${formatJobId(options.id, "kvs")}.guest`;
  }

  /** Make the namespace, for shells and tasks to find. */
  create(): Promise<void> {
    const { owner, emptyRoot: rootref } = this.#options;
    this.#created ??= this.#flux.call(kvs.namespaceCreate, {
      namespace: this.#namespace,
      rootref,
      owner,
      flags: 0,
    });
    return this.#created;
  }

  /** `publish` has come to its end. */
  get isPublished(): boolean {
    return this.#isPublished;
  }

  /** From now on the logs can be read in the job's directory. Resolves when that is so. */
  publish(): Promise<unknown> {
    this.#published ??= this.#publish();
    return this.#published;
  }

  append({ name, context }: ExecEvent): void {
    const timestamp = Date.now() / 1000;
    this.appendText(execLog, encodeEntry({ timestamp, name, ...(context && { context }) }));
  }

  /** Append lines to one of the guest's logs, such as `output`. */
  appendText(log: string, lines: string): void {
    this.#pending.set(log, (this.#pending.get(log) ?? "") + lines);
    if (this.#published) this.#timer ??= setTimeout(() => this.#onTimer(), batchMs);
  }

  /** Move what was written into the job's directory, for ever, and end the namespace. */
  async finish(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#published) await this.#published;
    if (!this.#published && (await this.#isUnwritten())) {
      const logs = Array.from(this.#pending, ([log, text]): [string, TreeObject] => {
        return [`${this.#guestKey}.${log}`, textVal(text)];
      });
      await this.#put([[this.#guestKey, dir()], ...logs]);
    } else {
      await this.#flush();
      await this.#put([[this.#guestKey, await this.#lookup()]]);
    }
    this.#remove();
  }

  async #publish(): Promise<void> {
    await this.create();
    const link = symlink(".", this.#namespace);
    await Promise.all([this.#flush(), this.#put([[this.#guestKey, link]])]);
    this.#isPublished = true;
  }

  /** Nobody has ever written to the namespace. */
  async #isUnwritten(): Promise<boolean> {
    if (!this.#created) return true;
    await this.#created;
    const { rootref } = await this.#flux.call(kvs.getroot, { namespace: this.#namespace });
    return rootref === this.#options.emptyRoot;
  }

  async #lookup(): Promise<TreeObject> {
    const request = { key: ".", flags: KvsFlag.Treeobj, namespace: this.#namespace };
    return (await this.#flux.call(kvs.lookup, request)).val as unknown as TreeObject;
  }

  #onTimer(): void {
    this.#flush().catch(() => {});
  }

  /** Resolves when everything appended so far is committed. */
  #flush(): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const pending = this.#pending;
    if (pending.size > 0) {
      this.#pending = new Map();
      this.#committed = this.#committed.then(() => this.#commit(pending));
    }
    return this.#committed;
  }

  async #commit(logs: ReadonlyMap<string, string>): Promise<void> {
    const ops = Array.from(logs, ([key, text]) => {
      return { key, flags: KvsFlag.Append, dirent: textVal(text) as unknown as Json };
    });
    try {
      await this.#flux.call(kvs.commit, { namespace: this.#namespace, flags: 0, ops });
    } catch (error) {
      // The namespace may be removed under a job that is being purged.
      if (!isErrno(error, "ENOTSUP")) throw error;
    }
  }

  /** Put entries into the job's directory. */
  async #put(entries: readonly (readonly [key: string, entry: TreeObject])[]): Promise<void> {
    const ops = entries.map(([key, entry]) => {
      return { key, flags: 0, dirent: entry as unknown as Json };
    });
    await this.#flux.call(kvs.commit, { namespace: primaryNamespace, flags: 0, ops });
  }

  /** Not waited for: whoever hears of the job's end by later messages finds it gone. */
  #remove(): void {
    if (!this.#created) return;
    this.#flux.call(kvs.namespaceRemove, { namespace: this.#namespace }).catch(() => {});
  }
}

const textVal = (text: string) => val(encodeUtf8(text));
