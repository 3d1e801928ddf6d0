/**
 * How the brokers of an instance find each other before there is an overlay: the part of PMI (RFC 13)
 * that is needed for it, whatever provides it.
 */
export interface ProcessGroup {
  /** Attribute `broker.boot-method`. */
  readonly method: string;
  readonly rank: number;
  readonly size: number;
  /** Name of the key-value space; the job id if Flux is the launcher. */
  readonly name: string;
  /** What was put under a key, or undefined. What others put is there after a barrier. */
  get(key: string): Promise<string | undefined>;
  put(key: string, value: string): Promise<void>;
  /** Resolves when all brokers have come here. */
  barrier(): Promise<void>;
  /** Nothing more will be asked. */
  finalize(): Promise<void>;
}

/** An instance of one broker that nobody launched. */
export function singleGroup(): ProcessGroup {
  const pairs = new Map<string, string>();
  return {
    method: "single",
    rank: 0,
    size: 1,
    name: "single",
    get: (key) => Promise.resolve(pairs.get(key)),
    put(key, value) {
      pairs.set(key, value);
      return Promise.resolve();
    },
    barrier: () => Promise.resolve(),
    finalize: () => Promise.resolve(),
  };
}
