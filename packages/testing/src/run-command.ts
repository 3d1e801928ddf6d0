import type { Flux } from "@flux-ts/client/handle";
import type { AnyCommand } from "flux-ts/cli/command";
import type { Input, Output } from "flux-ts/cli/output/output";
import { type Host, runCommand } from "flux-ts/cli/run";

/** What a command printed, and its exit status. */
export interface CommandResult {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface CommandSurroundings {
  /** Makes a connection to the instance. */
  connect?(): Flux;
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Run a command in this process, without a terminal. */
export async function runInProcess(
  command: AnyCommand,
  argv: readonly string[],
  { connect, stdin = "", env = {} }: CommandSurroundings = {},
): Promise<CommandResult> {
  const out = new TextOutput();
  const err = new TextOutput();
  const host: Host = {
    out,
    err,
    stdin: inputOf(stdin),
    env,
    system: new Proxy({} as Host["system"], { get: (_, name) => systemPart(name) }),
    ...(connect && { connect: async () => connect() }),
  };
  const status = await runCommand(command, argv, host);
  return { status, out: out.text, err: err.text };
}

class TextOutput implements Output {
  text = "";
  readonly isTerminal = false;
  readonly columns = 80;
  readonly rows = 24;

  write(data: string | Uint8Array): void {
    this.text += typeof data === "string" ? data : Buffer.from(data).toString();
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  json(value: unknown): void {
    this.line(JSON.stringify(value));
  }
}

function inputOf(text: string): Input {
  return {
    isTerminal: false,
    setRaw: () => () => {},
    text: async () => text,
    bytes: async () => Buffer.from(text),
    async *lines() {
      yield* text.trimEnd().split("\n");
    },
    follow(handler) {
      queueMicrotask(() => {
        if (text !== "") handler(Buffer.from(text));
        handler(undefined);
      });
      return { stop() {} };
    },
  };
}

function systemPart(name: string | symbol): unknown {
  if (name === "cwd") return () => "/";
  if (name === "hostname") return () => "test";
  throw new Error(`a command that is tested in this process may not use system.${String(name)}`);
}
