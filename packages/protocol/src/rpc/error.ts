import { Errno, type ErrnoName, errnoName, errnoText } from "./errno.ts";

/**
 * An operating error: what one Flux part tells another (RFC 6 error response) or a person.
 * `message` is the error string of the response, or strerror(3)'s text when there is none.
 */
export class FluxError extends Error {
  /** Linux errno number, as it travels in the response. */
  readonly errnum: number;
  /** The error string was given, and so belongs into the response payload. */
  readonly hasText: boolean;

  constructor(errno: ErrnoName | number, text?: string, options?: { cause?: unknown }) {
    const errnum = typeof errno === "number" ? errno : Errno[errno];
    super(text ?? errnoText(errnum), options);
    this.name = "FluxError";
    this.errnum = errnum;
    this.hasText = text !== undefined;
  }

  /** Symbolic name, such as `ENOENT`. */
  get code(): ErrnoName | `errno ${number}` {
    return errnoName(this.errnum) ?? `errno ${this.errnum}`;
  }
}

/** True when `error` is a FluxError of this kind. */
export function isErrno(error: unknown, name: ErrnoName): error is FluxError {
  return error instanceof FluxError && error.errnum === Errno[name];
}
