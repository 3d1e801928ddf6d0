import { type ErrnoName, errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { CommandError } from "./usage-error.ts";

/** `PROG: WHAT: TEXT`: how C tools word the failure of a request. For `.catch(failedTo("..."))`. */
export function failedTo(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`${what}: ${error.message}`);
  };
}

/** The same with strerror's text, for requests whose own error text flux-core does not show. */
export function failedToErrno(what: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`${what}: ${errnoText(error.errnum)}`);
  };
}

/** Undefined in place of one kind of error. For `.catch(unless("ENOENT"))`. */
export function unless(name: ErrnoName): (error: unknown) => undefined {
  return (error) => {
    if (isErrno(error, name)) return undefined;
    throw error;
  };
}
