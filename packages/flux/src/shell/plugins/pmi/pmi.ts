import { later, type Request } from "@flux-ts/client/request";
import { PmiLineSplitter } from "@flux-ts/protocol/pmi/line-splitter";
import { pmiLimits } from "@flux-ts/protocol/pmi/result";
import { type PmiEffect, PmiServer } from "@flux-ts/protocol/pmi/server";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json, type JsonObject } from "@flux-ts/protocol/schema/json";
import { LogLevel } from "../../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import { ShellFailure } from "../../shell-failure.ts";
import type { Task } from "../../task.ts";
import { type ExchangeEffect, PmiExchange, parentOf } from "./pmi-exchange.ts";

const component = "pmi-simple";
const channel = "PMI_FD";
const defaultK = 2;
/** Names under which option `pmi` asks for this protocol. */
const names = ["simple", "pmi1", "pmi2"];

/**
 * Serves the PMI-1 wire protocol to the tasks (RFC 13), and exchanges what they put between shells.
 */
export default defineShellPlugin({
  name: "pmi",
  load(shell) {
    const wanted = shell.options.text("pmi")?.split(",");
    if (wanted && !names.some((name) => wanted.includes(name))) return undefined;
    return new Pmi(shell, pmiOptions(shell));
  },
});

type ExchangeRequest = Request<JsonObject>;

class Pmi implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #nomap: boolean;
  readonly #exchange: PmiExchange<ExchangeRequest> | undefined;
  readonly #k: number;
  /** Made when the first task speaks: most never do. */
  #server: PmiServer | undefined;
  readonly #tasks = new Map<number, Task>();
  #isAborted = false;

  constructor(shell: Shell, { k, nomap }: PmiOptions) {
    this.#shell = shell;
    this.#nomap = nomap;
    this.#k = k;
    shell.log(LogLevel.Debug, "simple wire protocol is enabled", component);
    if (shell.size === 1) return;
    this.#exchange = new PmiExchange({ rank: shell.rank, size: shell.size, k });
    shell.service.serve(
      (methods) => methods.pmiExchange,
      (pairs, request) => {
        this.#performExchange(this.#exchange!.onChild(request, stringsOf(pairs)));
        return later;
      },
    );
  }

  "task.init"(task: Task): void {
    task.channels.push(channel);
    task.env.PMI_RANK = `${task.rank}`;
    task.env.PMI_SIZE = `${this.#shell.ntasks}`;
    this.#tasks.set(task.rank, task);
    const splitter = new PmiLineSplitter();
    task.onOutput(channel, ({ data, eof }) => {
      if (data) this.#onData(task, splitter, data);
      if (eof) this.#trace(`${task.rank}: C: pmi EOF`);
    });
  }

  #onData(task: Task, splitter: PmiLineSplitter, data: Uint8Array): void {
    try {
      for (const line of splitter.feed(new TextDecoder().decode(data))) {
        this.#trace(`${task.rank}: C: ${line}`);
        this.#server ??= this.#makeServer();
        this.#perform(this.#server.onLine(task.rank, line));
      }
    } catch (error) {
      if (!(error instanceof FluxError)) throw error;
      this.#onViolation(error.message);
    }
  }

  #perform(effects: readonly PmiEffect[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case "respond":
          this.#respond(effect.rank, effect.line);
          break;
        case "close":
          this.#trace(`${effect.rank}: S: pmi finalized`);
          break;
        case "exchange":
          this.#performExchange(this.#exchange!.onLocal(effect.pairs));
          break;
        case "abort":
          // The exec system ends the job; until then output and other events go on.
          this.#isAborted = true;
          void this.#shell.raise("exec", 0, `PMI_Abort: ${effect.text}`);
          break;
        case "violation":
          this.#onViolation(effect.text);
          break;
      }
    }
  }

  #performExchange(effects: readonly ExchangeEffect<ExchangeRequest>[]): void {
    for (const effect of effects) {
      switch (effect.do) {
        case "ask-parent":
          this.#askParent(effect.pairs);
          break;
        case "answer":
          effect.child.respond({ ...effect.pairs });
          break;
        case "refuse":
          effect.child.fail(new FluxError("EALREADY", effect.text));
          break;
        case "complete":
          if (!effect.pairs) this.#warn("exchange failed");
          this.#server ??= this.#makeServer();
          this.#perform(
            this.#server.onExchanged(effect.pairs ? { pairs: effect.pairs } : { failed: true }),
          );
          break;
      }
    }
  }

  #askParent(pairs: Readonly<Record<string, string>>): void {
    const { service, rank, size } = this.#shell;
    const parent = parentOf({ rank, size, k: this.#k })!;
    service
      .call((methods) => methods.pmiExchange, parent, { ...pairs })
      .then((answer) => this.#performExchange(this.#exchange!.onParent(stringsOf(answer))))
      .catch((error: Error) => {
        this.#warn(`pmi-exchange request: ${error.message}`);
        this.#performExchange(this.#exchange!.onParent(undefined));
      });
  }

  #respond(rank: number, line: string): void {
    this.#trace(`${rank}: S: ${line.trimEnd()}`);
    try {
      this.#tasks.get(rank)?.write(channel, new TextEncoder().encode(line));
    } catch (error) {
      this.#trace(`${rank}: S: ${(error as Error).message}`);
    }
  }

  #onViolation(text: string): void {
    this.#trace(text);
    // Tasks of a job that is being ended may stop in the middle of a line.
    if (!this.#isAborted) this.#shell.fail(new ShellFailure(1, "PMI-1 wire protocol error"));
  }

  #makeServer(): PmiServer {
    const { ntasks, tasks, jobid } = this.#shell;
    const options = { universeSize: ntasks, localSize: tasks.length, kvsname: jobid };
    return new PmiServer({ ...options, preput: this.#preput() });
  }

  /** What tasks find without anybody having put it (RFC 13, RFC 34). */
  #preput(): Record<string, string> {
    const { layout, site } = this.#shell;
    const preput: Record<string, string> = {};
    const put = (key: string, value: string): void => {
      // The limits count a terminating NUL.
      if (value.length < pmiLimits.value) preput[key] = value;
      else this.#warn(`${key} overflows PMI max value.`);
    };
    if (!this.#nomap) {
      put("PMI_process_mapping", layout.taskmap.toPmi());
      put("flux.taskmap", JSON.stringify(layout.taskmap.toWrapped()));
    }
    const level = site.attribute("instance-level");
    if (level !== undefined) put("flux.instance-level", `${Number(level) + 1}`);
    const hint = site.attribute("tbon.interface-hint");
    if (hint !== undefined) put("flux.tbon-interface-hint", hint);
    return preput;
  }

  #trace(text: string): void {
    if (this.#shell.verbose > 1) this.#shell.log(LogLevel.Trace, text, component);
  }

  #warn(text: string): void {
    this.#shell.log(LogLevel.Warn, text, component);
  }
}

interface PmiOptions {
  readonly k: number;
  readonly nomap: boolean;
}

/** Option `pmi-simple` (wire-jobs §7.11). EINVAL for values that make no sense. */
function pmiOptions(shell: Shell): PmiOptions {
  const option = shell.options.get("pmi-simple");
  if (option === undefined) return { k: defaultK, nomap: false };
  if (!isJsonObject(option)) throw invalid(option);
  const { kvs = "exchange", exchange = {}, nomap = 0, ...others } = option;
  const k = isJsonObject(exchange) ? (exchange.k ?? defaultK) : undefined;
  if (Object.keys(others).length > 0 || !Number.isInteger(k)) throw invalid(option);
  if (kvs !== "exchange") throw new FluxError("EINVAL", `Unknown kvs implementation ${kvs}`);
  const wanted = Number(k) > 0 ? Number(k) : defaultK;
  if (wanted > shell.size && shell.size > 1) {
    const text = `requested exchange fanout too large, using k=${shell.size}`;
    shell.log(LogLevel.Warn, text, component);
  }
  return { k: Math.min(wanted, Math.max(shell.size, defaultK)), nomap: Boolean(nomap) };
}

function invalid(option: Json): FluxError {
  return new FluxError("EINVAL", `pmi-simple: option error: ${JSON.stringify(option)}`);
}

function stringsOf(pairs: JsonObject): Record<string, string> {
  const strings: Record<string, string> = {};
  for (const [key, value] of Object.entries(pairs)) {
    if (typeof value === "string") strings[key] = value;
  }
  return strings;
}
