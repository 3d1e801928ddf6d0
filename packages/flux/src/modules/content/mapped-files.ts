/** A piece of a file that is offered as a blob. */
export interface Region {
  readonly path: string;
  readonly offset: number;
  readonly length: number;
}

export interface Chunk {
  /** Hex digits of the digest. */
  readonly key: string;
  readonly region: Region;
}

/**
 * Files whose content can be loaded from rank 0 by blobref without being stored (content.mmap-add).
 * Each tag stands for any number of files; the same blob may be in several.
 */
export class MappedFiles {
  readonly #tags = new Map<string, { path: string; chunks: readonly Chunk[] }[]>();
  readonly #regions = new Map<string, Region[]>();

  /** Offer a file that was read in chunks. */
  add(tag: string, path: string, chunks: readonly Chunk[]): void {
    const files = this.#tags.get(tag) ?? [];
    files.push({ path, chunks });
    this.#tags.set(tag, files);
    for (const { key, region } of chunks) {
      const regions = this.#regions.get(key);
      if (regions) regions.push(region);
      else this.#regions.set(key, [region]);
    }
  }

  remove(tag: string): void {
    for (const { chunks } of this.#tags.get(tag) ?? []) {
      for (const { key, region } of chunks) {
        const left = this.#regions.get(key)?.filter((other) => other !== region) ?? [];
        if (left.length > 0) this.#regions.set(key, left);
        else this.#regions.delete(key);
      }
    }
    this.#tags.delete(tag);
  }

  lookup(key: string): Region | undefined {
    return this.#regions.get(key)?.[0];
  }

  /** What `content.stats-get` shows. */
  get stats(): { tags: Record<string, string[]>; blobs: number } {
    const tags: Record<string, string[]> = {};
    for (const [tag, files] of this.#tags) tags[tag] = files.map(({ path }) => path);
    return { tags, blobs: this.#regions.size };
  }
}
