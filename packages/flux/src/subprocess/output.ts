/** A piece of a stream of a process, or its end. The protocol layer encodes it (RFC 24). */
export interface Output {
  /** `stdout`, `stderr`, or the name of a channel. */
  readonly stream: string;
  readonly data?: Uint8Array;
  readonly eof?: boolean;
}
