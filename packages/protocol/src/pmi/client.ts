import { FluxError } from "../rpc/error.ts";
import { type PmiFields, parsePmiLine, pmiInteger, pmiText, printPmiLine } from "./line.ts";
import { pmiResultText } from "./result.ts";

/**
 * One request of a PMI-1 client and how to read its response (RFC 13). Client and server go in
 * lock-step: the next line that arrives is the answer.
 */
export interface PmiCall<T> {
  readonly line: string;
  /** The result in a response line. Throws EPROTO for a line that answers something else, ENOENT for a
   * key that does not exist, EIO for any other failure. */
  result(line: string): T;
}

/** Longest texts that the server takes, in bytes with a terminating NUL. */
export interface PmiMaxes {
  readonly kvsname: number;
  readonly key: number;
  readonly value: number;
}

function call<T>(
  request: Readonly<Record<string, string | number>>,
  answer: string,
  read: (fields: PmiFields) => T,
): PmiCall<T> {
  return {
    line: printPmiLine(request),
    result(line) {
      const fields = parsePmiLine(line);
      if (fields.get("cmd") !== answer) {
        throw new FluxError("EPROTO", `PMI: expected ${answer}, got ${line.trim()}`);
      }
      const code = fields.has("rc") ? pmiInteger(fields, "rc") : 0;
      if (code !== 0) throw failure(request, fields, code);
      return read(fields);
    },
  };
}

function failure(
  request: Readonly<Record<string, string | number>>,
  fields: PmiFields,
  code: number,
): FluxError {
  const what = request.key === undefined ? `${request.cmd}` : `${request.cmd} ${request.key}`;
  const errno = request.cmd === "get" ? "ENOENT" : "EIO";
  return new FluxError(errno, `PMI: ${what}: ${fields.get("msg") ?? pmiResultText(code)}`);
}

/** The operations of a PMI-1 client. `init` comes first, `finalize` last. */
export const pmiCalls = {
  init: (): PmiCall<void> =>
    call({ cmd: "init", pmi_version: 1, pmi_subversion: 1 }, "response_to_init", (fields) => {
      const version = pmiInteger(fields, "pmi_version");
      const subversion = pmiInteger(fields, "pmi_subversion");
      if (version !== 1 || subversion !== 1) {
        throw new FluxError("EPROTO", `PMI: version ${version}.${subversion} is not 1.1`);
      }
    }),
  maxes: (): PmiCall<PmiMaxes> =>
    call({ cmd: "get_maxes" }, "maxes", (fields) => ({
      kvsname: pmiInteger(fields, "kvsname_max"),
      key: pmiInteger(fields, "keylen_max"),
      value: pmiInteger(fields, "vallen_max"),
    })),
  kvsname: (): PmiCall<string> =>
    call({ cmd: "get_my_kvsname" }, "my_kvsname", (fields) => pmiText(fields, "kvsname")),
  universeSize: (): PmiCall<number> =>
    call({ cmd: "get_universe_size" }, "universe_size", (fields) => pmiInteger(fields, "size")),
  appnum: (): PmiCall<number> =>
    call({ cmd: "get_appnum" }, "appnum", (fields) => pmiInteger(fields, "appnum")),
  put: (kvsname: string, key: string, value: string): PmiCall<void> =>
    call({ cmd: "put", kvsname, key, value }, "put_result", () => {}),
  get: (kvsname: string, key: string): PmiCall<string> =>
    call({ cmd: "get", kvsname, key }, "get_result", (fields) => pmiText(fields, "value")),
  barrier: (): PmiCall<void> => call({ cmd: "barrier_in" }, "barrier_out", () => {}),
  finalize: (): PmiCall<void> => call({ cmd: "finalize" }, "finalize_ack", () => {}),
};

/** The request that ends the program; it has no response. */
export function pmiAbortLine(exitCode: number): string {
  return printPmiLine({ cmd: "abort", exitcode: exitCode });
}
