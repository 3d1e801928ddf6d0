import { readFileSync, statSync } from "node:fs";
import { basename } from "node:path";
import { fileOf } from "@flux-ts/protocol/job/fileref";
import { addFile, type Jobspec } from "@flux-ts/protocol/job/jobspec";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Json, parseJson } from "@flux-ts/protocol/schema/json";
import { CommandError } from "../usage-error.ts";

/** `KEY[=VALUE]` of `option`: the value is JSON if it parses as such; `^KEY=FILE` reads it from a file. */
export function parseKeyValue(option: string, text: string): { key: string; value: Json } {
  const equals = text.indexOf("=");
  const key = equals < 0 ? text : text.slice(0, equals);
  const given = equals < 0 ? "1" : text.slice(equals + 1);
  if (!key.startsWith("^")) return { key, value: jsonOrText(given) };
  const content = readNamed(given);
  try {
    return { key: key.replace(/^\^+/, ""), value: parseJson(content.toString("utf8")) };
  } catch (error) {
    throw new CommandError(`${option}: ${given}: ${(error as Error).message}`);
  }
}

/** JSON if it is, else the text itself. */
export function jsonOrText(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}

/** A file that the person named. */
export function readNamed(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`${reasonOf(error)}: '${path}'`);
  }
}

/** What went wrong with a file, in strerror's words. */
export function reasonOf(error: unknown): string {
  const { errno } = error as NodeJS.ErrnoException;
  return errno === undefined ? String(error) : new FluxError(Math.abs(errno)).message;
}

/** `[NAME[:PERMS]=]PATH`, or `NAME=CONTENT` when there is a newline in it, as `--add-file` takes it. */
export function addNamedFile(jobspec: Jobspec, argument: string): void {
  const text = argument.replaceAll("\\n", "\n");
  const equals = text.indexOf("=");
  const hasName = equals >= 0 && equals < text.length - 1;
  if (!hasName && text.includes("\n")) throw new CommandError("--add-file: file name missing");
  const data = hasName ? text.slice(equals + 1) : text.replace(/=$/, "");
  const [, plain, octal] = /^(.*?):(0?o?[0-7]+)$/s.exec(text.slice(0, equals)) ?? [];
  const name = hasName ? (plain ?? text.slice(0, equals)) : basename(data);
  const mode = octal === undefined ? 0o600 : Number.parseInt(octal.replace("o", ""), 8);
  if (data.includes("\n")) {
    addFile(jobspec, name, { mode: 0o100000 | mode, data, encoding: "utf-8" });
    return;
  }
  try {
    addFile(jobspec, name, fileOf(readFileSync(data), statSync(data).mode));
  } catch (error) {
    const { errno = 2 } = error as NodeJS.ErrnoException;
    throw new CommandError(
      `--add-file=${argument}: [Errno ${Math.abs(errno)}] ${reasonOf(error)}: '${data}'`,
    );
  }
}
