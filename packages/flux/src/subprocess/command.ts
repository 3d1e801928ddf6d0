import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { type ObjectOf, t } from "@flux-ts/protocol/schema/schema";

/**
 * The command object of RFC 42, with its wire spelling. `msgchan` is what flux-core calls what the
 * RFC calls `msgchans`.
 */
const commandShape = {
  label: t.optional(t.string),
  cwd: t.optional(t.string),
  cmdline: t.array(t.string),
  env: t.record(t.string),
  opts: t.record(t.string),
  channels: t.array(t.string),
  msgchan: t.optional(t.array(t.object({ name: t.string, uri: t.string }))),
};
const commandSchema = t.object(commandShape);

export type Command = ObjectOf<typeof commandShape>;

/**
 * Check a command object. Throws EPROTO: "error parsing command string" as flux-core says, with the
 * member that is wrong, or "command string is empty".
 */
export function parseCommand(json: unknown): Command {
  let command: Command;
  try {
    command = commandSchema.check(json, "cmd");
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : "";
    throw new FluxError("EPROTO", `error parsing command string${why}`, { cause });
  }
  if (command.cmdline.length === 0) throw new FluxError("EPROTO", "command string is empty");
  if (command.label === "") throw new FluxError("EPROTO", "command label is empty");
  checkNames(command);
  return command;
}

/** A channel's name becomes an environment variable, and must not be that of a stream. */
function checkNames({ channels, msgchan = [] }: Command): void {
  const names = new Set(["stdin", "stdout", "stderr"]);
  for (const name of [...channels, ...msgchan.map((channel) => channel.name)]) {
    if (names.has(name)) throw new FluxError("EEXIST", `channel name ${name} is not unique`);
    if (name === "" || name.includes("=")) {
      throw new FluxError("EINVAL", `channel name "${name}" cannot be an environment variable`);
    }
    names.add(name);
  }
}

/** The command object as it travels: a parsed one is in that form already. */
export function commandJson(command: Command): JsonObject {
  return { ...command, msgchan: command.msgchan ?? [] };
}

/** What `list` shows of a command: its name, with the subcommand if the name is just `flux`. */
export function commandName({ cmdline }: Command): string {
  const [name, subcommand] = cmdline;
  return name === "flux" && subcommand !== undefined ? `flux ${subcommand}`.slice(0, 63) : name!;
}

/** How log lines name a process: by its label, else by the file name of its command. */
export function logName({ label, cmdline }: Command): string {
  return label ?? baseName(cmdline[0]!);
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}
