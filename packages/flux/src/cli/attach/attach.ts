import type { Flux, Following } from "@flux-ts/client/handle";
import { eventlogPaths, followEvents } from "@flux-ts/client/job-events";
import { JobOutcome } from "@flux-ts/client/job-outcome";
import { withResolvers } from "@flux-ts/client/rpc-stream";
import type { EventlogEntry } from "@flux-ts/protocol/job/eventlog";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import {
  type OutputEvent,
  type OutputHeader,
  parseOutputEvent,
} from "@flux-ts/protocol/job/output";
import { jobStatusText } from "@flux-ts/protocol/job/wait-status";
import { type FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import type { Input, Output } from "../output/output.ts";
import type { System } from "../system.ts";
import { CommandError } from "../usage-error.ts";
import { eventLine, exceptionLine, redirectLine, shellLogLine } from "./attach-lines.ts";
import { PtyClient } from "./pty-client.ts";
import { forwardSignals } from "./signals.ts";
import { StatusDisplay } from "./status-display.ts";
import { StdinFeed } from "./stdin-feed.ts";
import { inputRanks } from "./stdin-ranks.ts";
import { Tail } from "./tail.ts";

export interface AttachOptions {
  readonly showEvents: boolean;
  readonly showExec: boolean;
  readonly showStatus: boolean;
  /** Detach from the main eventlog at this event. */
  readonly waitEvent: string;
  readonly labelIo: boolean;
  readonly verbose: number;
  readonly quiet: boolean;
  readonly readOnly: boolean;
  readonly unbuffered: boolean;
  /** Idset of the tasks that get standard input, or `all`. */
  readonly stdinRanks: string;
  /** Of the output there was, print only this many pieces. */
  readonly tail: number | undefined;
  /** Seconds between looks at the queue of a waiting job. */
  readonly queueCheckInterval: number;
}

export const attachDefaults: AttachOptions = {
  showEvents: false,
  showExec: false,
  showStatus: false,
  waitEvent: "clean",
  labelIo: false,
  verbose: 0,
  quiet: false,
  readOnly: false,
  unbuffered: false,
  stdinRanks: "all",
  tail: undefined,
  queueCheckInterval: 10,
};

export interface AttachSurroundings {
  readonly flux: Flux;
  readonly out: Output;
  readonly err: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly system: System;
}

/** Be a job's terminal until it ends. Resolves to its exit code, 1 if it never ran. */
export function attach(
  near: AttachSurroundings,
  id: JobId,
  shownAs: string,
  options: Partial<AttachOptions> = {},
): Promise<number> {
  return new Attachment(near, id, shownAs, { ...attachDefaults, ...options }).run();
}

class Attachment {
  readonly #near: AttachSurroundings;
  readonly #id: JobId;
  readonly #shownAs: string;
  readonly #options: AttachOptions;
  readonly #outcome = new JobOutcome();
  readonly #over = withResolvers<void>();
  readonly #follows = new Set<Following>();
  readonly #status: StatusDisplay;
  readonly #output: Tail<{ event: OutputEvent; timestamp: number }>;
  #zero = 0;
  #hasOutput = false;
  #header: OutputHeader | undefined;
  #feed: StdinFeed | undefined;
  #pty: PtyClient | undefined;
  #ptyCapture = false;
  #ptyExitCode: number | undefined;
  #shell = { service: "", leaderRank: 0 };

  constructor(near: AttachSurroundings, id: JobId, shownAs: string, options: AttachOptions) {
    this.#near = near;
    this.#id = id;
    this.#shownAs = shownAs;
    this.#options = options;
    this.#status = new StatusDisplay(near, id, shownAs, options);
    this.#output = new Tail(options.tail, (each) => this.#print(each.event, each.timestamp));
  }

  async run(): Promise<number> {
    const { flux, err, system } = this.#near;
    const stopForwarding = this.#options.readOnly
      ? () => {}
      : forwardSignals({ flux, err, system, id: this.#id, detach: () => this.#detach() });
    this.#follow(
      eventlogPaths.main,
      (entry) => this.#onEvent(entry),
      (error) => {
        this.#over.reject(new CommandError(this.#refusal(error), 1, "flux-job"));
      },
    );
    try {
      await this.#over.promise;
    } finally {
      stopForwarding();
      this.#status.stop();
      this.#feed?.stop();
    }
    if (this.#ptyExitCode !== undefined) return this.#ptyExitCode;
    const { exitCode = 1, fatalException } = this.#outcome;
    return fatalException && exitCode === 0 ? 1 : exitCode;
  }

  #refusal({ code, message }: FluxError): string {
    if (code === "ENOENT") return `Failed to attach to ${this.#shownAs}: No such job`;
    if (code === "EPERM") return `Failed to attach to ${this.#shownAs}: that is not your job`;
    return `flux_job_event_watch_get: ${message}`;
  }

  #follow(
    path: string,
    next: (entry: EventlogEntry) => void,
    onError: (error: FluxError) => void,
    sentinel?: () => void,
  ): Following {
    let following: Following | undefined;
    let isOver = false;
    const end = (error?: FluxError): void => {
      isOver = true;
      if (following) this.#follows.delete(following);
      if (error) onError(error);
      if (this.#follows.size === 0) this.#over.resolve();
    };
    following = followEvents(
      this.#near.flux,
      this.#id,
      path,
      { next, end },
      {
        ...(sentinel && { sentinel }),
      },
    );
    if (!isOver) this.#follows.add(following);
    return following;
  }

  #detach(): void {
    for (const following of [...this.#follows]) following.cancel();
    this.#over.resolve();
  }

  #onEvent(entry: EventlogEntry): void {
    const { err } = this.#near;
    if (this.#zero === 0) this.#zero = entry.timestamp;
    const elapsed = entry.timestamp - this.#zero;
    this.#outcome.onEvent(entry);
    switch (entry.name) {
      case "exception":
        this.#status.clear();
        err.line(exceptionLine(entry, this.#shownAs, elapsed));
        // What is sent from here on would only fail.
        if (this.#outcome.fatalException) this.#feed?.stop();
        break;
      case "submit":
        this.#followExec();
        break;
      case "finish": {
        const text = jobStatusText(this.#outcome.waitStatus ?? 0);
        if (text !== "") err.line(`flux-job: ${text}`);
        break;
      }
    }
    if (this.#options.showEvents && entry.name !== "exception") {
      err.line(eventLine(entry, "job", elapsed));
    }
    this.#status.onEvent(entry, this.#zero);
    if (entry.name === this.#options.waitEvent) {
      const [main] = this.#follows;
      main?.cancel();
    }
  }

  #followExec(): void {
    this.#follow(
      eventlogPaths.exec,
      (entry) => this.#onExecEvent(entry),
      (error) => this.#fail(error),
    );
  }

  #fail(error: FluxError): void {
    const text = `flux_job_event_watch_get: ${error.message}`;
    this.#over.reject(new CommandError(text, 1, "flux-job"));
  }

  #onExecEvent(entry: EventlogEntry): void {
    const { name, timestamp, context = {} } = entry;
    switch (name) {
      case "shell.init":
        this.#onShellInit(context);
        break;
      case "shell.start":
        this.#onShellStart(context);
        break;
      case "log": {
        const { component, rank, stream, data } = context;
        const elapsed = (timestamp - this.#zero).toFixed(3);
        const who = this.#options.quiet ? "" : `${elapsed}s: ${component}[${rank}]: ${stream}: `;
        this.#near.err.write(`${who}${data}`);
        break;
      }
      case "complete":
        // The shell may have failed before it could say shell.init.
        this.#followOutput();
        break;
    }
    if (this.#options.showExec && name !== "log") {
      this.#near.err.line(eventLine(entry, "exec", timestamp - this.#zero));
    }
  }

  #onShellInit(context: Record<string, unknown>): void {
    this.#shell = {
      service: String(context.service ?? ""),
      leaderRank: Number(context["leader-rank"] ?? 0),
    };
    this.#ptyCapture = Boolean(context.capture);
    this.#followOutput();
    if (typeof context.pty !== "string") {
      this.#startStdin();
      return;
    }
    if (this.#options.readOnly) {
      const text = "Cannot connect to pty in readonly mode";
      this.#over.reject(new CommandError(text, 1, "flux-job"));
      return;
    }
    if (this.#outcome.waitStatus === undefined) void this.#attachPty(context.pty);
  }

  async #attachPty(name: string): Promise<void> {
    const { service, leaderRank } = this.#shell;
    this.#pty = new PtyClient(this.#near.flux, `${service}.${name}`, leaderRank, this.#near);
    const { wasAttached, status } = await this.#pty.run();
    this.#pty = undefined;
    if (!wasAttached) {
      this.#startStdin();
      return;
    }
    this.#ptyExitCode = status === 0 ? 0 : 1;
    this.#over.resolve();
  }

  #startStdin(): void {
    if (this.#options.readOnly || this.#feed || this.#outcome.waitStatus !== undefined) return;
    this.#feed = new StdinFeed(this.#near.flux, this.#shell, {
      ranks: this.#options.stdinRanks,
      unbuffered: this.#options.unbuffered,
      onRefused: (error) => {
        const text = isErrno(error, "ENOSYS")
          ? "stdin not accepted by job"
          : `attach_send_shell: ${(error as Error).message}`;
        this.#over.reject(new CommandError(text, 1, "flux-job"));
      },
    });
    // Chosen tasks are known to exist only when the tasks are mapped.
    if (this.#options.stdinRanks === "all") this.#feed.start(this.#near.stdin);
  }

  #onShellStart(context: Record<string, unknown>): void {
    const { stdinRanks } = this.#options;
    if (stdinRanks === "all" || !this.#feed) return;
    const { open, closed } = inputRanks(context.taskmap, stdinRanks);
    const ranks = open.encode();
    this.#feed.ranks = ranks;
    if (ranks !== stdinRanks) {
      this.#near.err.line(
        `flux-job: warning: adjusting --stdin-ranks from ${stdinRanks} to ${ranks}`,
      );
    }
    if (!closed.isEmpty) this.#feed.close(closed.encode());
    if (!open.isEmpty) this.#feed.start(this.#near.stdin);
  }

  #followOutput(): void {
    if (this.#hasOutput) return;
    this.#hasOutput = true;
    this.#follow(
      eventlogPaths.output,
      (entry) => {
        const event = parseOutputEvent(entry, this.#header);
        if (event?.name === "header") this.#header = event.context;
        else if (event?.name === "redirect") this.#print(event, entry.timestamp);
        else if (event && !isEndOnly(event)) {
          this.#output.push({ event, timestamp: entry.timestamp });
        }
      },
      (error) => {
        if (isErrno(error, "ENOENT")) this.#near.err.line("flux-job: No job output found");
        else this.#fail(error);
      },
      this.#options.tail === undefined ? undefined : () => this.#output.endOfPast(),
    );
  }

  #print(event: OutputEvent, timestamp: number): void {
    const { out, err } = this.#near;
    const { labelIo, quiet, verbose } = this.#options;
    // A terminal in raw mode needs the cursor brought back to the start of the line.
    const end = this.#pty ? "\r" : "";
    switch (event.name) {
      case "data": {
        const { stream, rank, data } = event.context;
        if (!data?.length || (this.#pty && this.#ptyCapture && rank === "0")) return;
        const target = stream === "stdout" ? out : err;
        if (labelIo) target.write(`${rank}: `);
        target.write(data);
        if (end) target.write(end);
        return;
      }
      case "redirect":
        if (!quiet) err.line(redirectLine(event.context));
        return;
      case "log":
        if (quiet) return;
        err.line(shellLogLine(event.context, timestamp - this.#zero, verbose > 0));
        if (end) err.write(end);
        return;
    }
  }
}

/** Nothing to print, nor to count among the last pieces of output. */
function isEndOnly(event: OutputEvent): boolean {
  return event.name === "data" && !event.context.data?.length;
}
