import { outputHeader } from "@flux-ts/protocol/job/output";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { Idset } from "@flux-ts/protocol/text/idset";
import { LogLevel } from "../../log-level.ts";
import type { Shell } from "../../shell.ts";
import { formatSize } from "../../size.ts";
import { applyBatchTimeout } from "../batch-timeout.ts";
import type { OutputConfig } from "./output-config.ts";

const component = "output.kvs";
/** Output of this size is better off in a file. */
const warnAbove = 104_857_600;

/** The job's output log (RFC 24), of which there is only so much for each stream. */
export class KvsOutput {
  readonly #shell: Shell;
  readonly #config: OutputConfig;
  readonly #bytes = new Map<string, number>();

  constructor(shell: Shell, config: OutputConfig) {
    this.#shell = shell;
    this.#config = config;
    applyBatchTimeout(shell, "output", component);
    shell.guest.append("output", "header", outputHeader(shell.ntasks));
  }

  /**
   * Tell readers where a stream went. Tags that differ between tasks and nodes stay in the path.
   */
  redirect(stream: string, template: string): void {
    const shell = this.#shell;
    const rank = Idset.range(0, shell.ntasks - 1).encode({ brackets: true });
    const path = shell.render(template, { shellRank: shell.size });
    shell.guest.append("output", "redirect", { stream, rank, path });
  }

  /**
   * A data event whose data has this many bytes. What is above the limit is dropped, but not the
   * end.
   */
  data(context: JsonObject, stream: string, size: number): void {
    const before = this.#bytes.get(stream) ?? 0;
    const now = before + size;
    this.#bytes.set(stream, now);
    const { limitBytes, limitText } = this.#config;
    if (now > limitBytes) {
      if (before <= limitBytes) {
        this.#warn(`${stream} will be truncated, ${limitText} limit exceeded`);
      }
      if (context.eof !== true) return;
    }
    this.#shell.guest.append("output", "data", context);
  }

  log(context: JsonObject): void {
    this.#shell.guest.append("output", "log", context);
  }

  /** All output is there. */
  close(): void {
    for (const stream of ["stderr", "stdout"]) {
      const bytes = this.#bytes.get(stream) ?? 0;
      const { limitBytes } = this.#config;
      if (bytes > limitBytes) {
        this.#warn(`${stream}: ${bytes - limitBytes} of ${bytes} bytes truncated`);
      } else if (bytes > warnAbove) {
        const advice = "consider redirecting to a file next time (e.g. use --output=FILE)";
        this.#warn(`high ${stream} volume (${formatSize(bytes)}), ${advice}`);
      }
    }
  }

  #warn(text: string): void {
    this.#shell.log(LogLevel.Warn, text, component);
  }
}
