import { devNull, type FdSource } from "../native/child-fds.ts";
import { FdWriter } from "../native/fd-writer.ts";
import { closeFd, duplicateFd, openPipe, openSocketPair, shutdownWrite } from "../native/pipe.ts";
import type { Output } from "./output.ts";
import { OutputStream } from "./output-stream.ts";
import { defaultStreamOptions, type StreamOptions } from "./stream-options.ts";

/**
 * Where a standard stream of a process goes: to us through a `pipe`, nowhere (`null`), where ours
 * goes (`inherit`), or to a descriptor of ours or a file.
 */
export type StdioTarget = "pipe" | "null" | "inherit" | FdSource;

/** A descriptor that a process finds by the environment variable `name`. */
export interface PassedFd {
  readonly name: string;
  /** Ours; it stays open here. */
  readonly fd: number;
  /** What precedes the number in the variable, such as `fd://`. */
  readonly prefix?: string;
}

export interface StdioOptions {
  /** Each defaults to `null`. */
  readonly stdin?: StdioTarget | undefined;
  readonly stdout?: StdioTarget | undefined;
  readonly stderr?: StdioTarget | undefined;
  /** Names of two-way channels (RFC 42); each is also the variable that tells its descriptor. */
  readonly channels?: readonly string[] | undefined;
  readonly passFds?: readonly PassedFd[] | undefined;
  /** How a stream is buffered. */
  readonly streamOptions?: ((stream: string) => StreamOptions) | undefined;
}

interface StdioEvents {
  onOutput(output: Output): void;
  onCredit(stream: string, bytes: number): void;
}

const stdioNames = ["stdin", "stdout", "stderr"] as const;

/** The streams between us and a process: our ends, and the descriptors it is started with. */
export class Stdio {
  /** The descriptors of the process. */
  readonly fds: FdSource[] = [];
  /** Variables that tell the process about them. */
  readonly variables: Record<string, string> = {};
  readonly #outputs = new Map<string, OutputStream>();
  readonly #inputs = new Map<string, FdWriter>();
  readonly #theirs: number[] = [];
  readonly #options: StdioOptions;
  readonly #events: StdioEvents;

  /** Throws EMFILE or ENFILE if there are no descriptors left, having closed what it opened. */
  constructor(options: StdioOptions, events: StdioEvents) {
    this.#options = options;
    this.#events = events;
    try {
      for (const name of stdioNames) this.fds.push(this.#standard(name, options[name] ?? "null"));
      for (const name of options.channels ?? []) this.#pass({ name, fd: this.#channel(name) });
      for (const passed of options.passFds ?? []) this.#pass(passed);
    } catch (error) {
      this.closeTheirs();
      this.close();
      throw error;
    }
  }

  /** The process has them now, or never will. */
  closeTheirs(): void {
    for (const fd of this.#theirs.splice(0)) closeFd(fd);
  }

  /** Start reading. What there is comes before this returns. */
  read(): void {
    for (const output of this.#outputs.values()) output.resume();
  }

  input(stream: string): FdWriter | undefined {
    return this.#inputs.get(stream);
  }

  output(stream: string): OutputStream | undefined {
    return this.#outputs.get(stream);
  }

  get inputNames(): string[] {
    return [...this.#inputs.keys()];
  }

  /** All streams from the process have reached their end. */
  get outputsEnded(): boolean {
    for (const output of this.#outputs.values()) if (!output.ended) return false;
    return true;
  }

  closeInputs(): void {
    for (const input of this.#inputs.values()) input.close();
  }

  close(): void {
    this.closeInputs();
    for (const output of this.#outputs.values()) output.close();
  }

  #standard(name: (typeof stdioNames)[number], target: StdioTarget): FdSource {
    if (target === "null") return devNull;
    if (target === "inherit") return stdioNames.indexOf(name);
    if (target !== "pipe") return target;
    const { read, write } = openPipe();
    if (name === "stdin") {
      this.#theirs.push(read);
      this.#addInput(name, write, closeFd);
      return read;
    }
    this.#theirs.push(write);
    this.#addOutput(name, read);
    return write;
  }

  #channel(name: string): number {
    const [ours, theirs] = openSocketPair();
    this.#theirs.push(theirs);
    this.#addOutput(name, ours);
    // The event loop watches a descriptor for one purpose, so writing needs one of its own.
    this.#addInput(name, duplicateFd(ours), (fd) => {
      shutdownWrite(fd);
      closeFd(fd);
    });
    return theirs;
  }

  #pass({ name, fd, prefix = "" }: PassedFd): void {
    this.variables[name] = `${prefix}${this.fds.length}`;
    this.fds.push(fd);
  }

  #addOutput(name: string, fd: number): void {
    const emit = (output: Output): void => this.#events.onOutput(output);
    this.#outputs.set(name, new OutputStream(fd, name, this.#optionsOf(name), emit));
  }

  #addInput(name: string, fd: number, close: (fd: number) => void): void {
    const limitBytes = this.#optionsOf(name).bufferBytes;
    const onDrain = (bytes: number): void => this.#events.onCredit(name, bytes);
    this.#inputs.set(name, new FdWriter(fd, { limitBytes, close }, { onDrain }));
  }

  #optionsOf(name: string): StreamOptions {
    return this.#options.streamOptions?.(name) ?? defaultStreamOptions;
  }
}
