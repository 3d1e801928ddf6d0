import type { Flux } from "@flux-ts/client/handle";
import { encodeEntry } from "@flux-ts/protocol/job/eventlog";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { symlink, val } from "@flux-ts/protocol/kvs/treeobj";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import type { Json } from "@flux-ts/protocol/schema/json";
import { KvsFlag, kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { ExecEvent } from "../job.ts";

/** Events are gathered this long before they are committed. */
const batchMs = 10;

/**
 * The guest namespace of a job: where its shells and tasks write while it runs. At the end its
 * content moves into the job's directory (wire-jobs §7.2).
 */
export class GuestNamespace {
  readonly #flux: Flux;
  readonly #namespace: string;
  readonly #guestKey: string;
  #pending = "";
  #timer: NodeJS.Timeout | undefined;
  /** Commits run one after the other, so that events stay in order. */
  #committed: Promise<unknown>;

  private constructor(flux: Flux, id: JobId) {
    this.#flux = flux;
    this.#namespace = `job-${id}`;
    this.#guestKey = `${formatJobId(id, "kvs")}.guest`;
    this.#committed = Promise.resolve();
  }

  /** Make the namespace with its first events, and the symlink by which it is found. */
  static async create(
    flux: Flux,
    id: JobId,
    owner: number,
    emptyRoot: string,
    first: readonly ExecEvent[],
  ): Promise<GuestNamespace> {
    const guest = new GuestNamespace(flux, id);
    await flux.call(kvs.namespaceCreate, {
      namespace: guest.#namespace,
      rootref: emptyRoot,
      owner,
      flags: 0,
    });
    for (const event of first) guest.append(event);
    const link = symlink(".", guest.#namespace);
    await Promise.all([guest.flush(), guest.#link(link as unknown as Json)]);
    return guest;
  }

  append({ name, context }: ExecEvent): void {
    const timestamp = Date.now() / 1000;
    this.#pending += encodeEntry({ timestamp, name, ...(context && { context }) });
    this.#timer ??= setTimeout(() => void this.flush().catch(() => {}), batchMs);
  }

  /** Resolves when everything appended so far is committed. */
  flush(): Promise<unknown> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#pending;
    if (text !== "") {
      this.#pending = "";
      this.#committed = this.#committed.then(() => this.#commit(text));
    }
    return this.#committed;
  }

  /** Move what was written into the job's directory, for ever, and end the namespace. */
  async finish(): Promise<void> {
    await this.flush();
    const { val: root } = await this.#flux.call(kvs.lookup, {
      key: ".",
      flags: KvsFlag.Treeobj,
      namespace: this.#namespace,
    });
    await this.#link(root);
    await this.remove();
  }

  /** End the namespace without keeping anything. */
  async remove(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#flux.call(kvs.namespaceRemove, { namespace: this.#namespace });
  }

  async #commit(text: string): Promise<void> {
    try {
      await this.#flux.call(kvs.commit, {
        namespace: this.#namespace,
        flags: 0,
        ops: [
          {
            key: "exec.eventlog",
            flags: KvsFlag.Append,
            dirent: val(encodeUtf8(text)) as unknown as Json,
          },
        ],
      });
    } catch (error) {
      // The namespace may be removed under a job that is being purged.
      if (!isErrno(error, "ENOTSUP")) throw error;
    }
  }

  async #link(dirent: Json): Promise<void> {
    const ops = [{ key: this.#guestKey, flags: 0, dirent }];
    await this.#flux.call(kvs.commit, { namespace: primaryNamespace, flags: 0, ops });
  }
}
