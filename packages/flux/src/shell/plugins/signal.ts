import { parseSignal, signalName } from "@flux-ts/protocol/job/signal";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type Json } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";
import type { Shell } from "../shell.ts";

const defaults = { signum: 10, timeleft: 60 };
const maxTimerMs = 2 ** 31 - 1;

/** Sends the job a signal some time before it expires (`--signal=SIG@TIME`). */
export default defineShellPlugin({
  name: "signal",
  load(shell) {
    const option = shell.options.get("signal");
    if (!shell.isLeader || option === undefined || option === 0 || option === false)
      return undefined;
    return new TimedSignal(shell, signalOption(option));
  },
});

interface SignalOption {
  readonly signum: number;
  readonly timeleft: number;
}

class TimedSignal implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #option: SignalOption;
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: Shell, option: SignalOption) {
    this.#shell = shell;
    this.#option = option;
  }

  "shell.init"(): void {
    this.#arm();
  }

  "shell.resource-update"(): void {
    this.#arm();
  }

  "shell.close"(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const { execution } = this.#shell.R;
    const expiration = isJsonObject(execution) ? Number(execution.expiration ?? 0) : 0;
    if (expiration === 0) {
      this.#say(LogLevel.Notice, `job has no expiration, ${this.#name} will not be sent`);
      return;
    }
    const seconds = Math.max(0, expiration - this.#option.timeleft - Date.now() / 1000);
    this.#say(LogLevel.Debug, `Will send ${this.#name} to job in ${seconds.toFixed(2)}s`);
    const isSoon = seconds * 1000 <= maxTimerMs;
    const then = isSoon ? (): void => this.#send() : (): void => this.#arm();
    this.#timer = setTimeout(then, Math.min(seconds * 1000, maxTimerMs));
  }

  #send(): void {
    const { signum, timeleft } = this.#option;
    const left = timeleft.toFixed(1);
    this.#say(LogLevel.Notice, `job will expire in ${left}s, sending ${this.#name} to job`);
    const { site, job } = this.#shell;
    site.flux.rpc("job-manager.kill", { id: job.id, signum }).catch((error: Error) => {
      this.#say(LogLevel.Error, `failed to send ${this.#name} to job: ${error.message}`);
    });
  }

  get #name(): string {
    return signalName(this.#option.signum) ?? `signal ${this.#option.signum}`;
  }

  #say(level: LogLevel, text: string): void {
    this.#shell.log(level, text, "signal");
  }
}

/** EINVAL for values that make no sense. */
function signalOption(option: Json): SignalOption {
  if (typeof option === "number" || option === true) return defaults;
  if (!isJsonObject(option)) throw new FluxError("EINVAL", "error in shell `signal' option");
  const { signum = defaults.signum, timeleft = defaults.timeleft } = option;
  const number = typeof signum === "string" ? parseSignal(signum) : Number(signum);
  const seconds = typeof timeleft === "string" ? parseDuration(timeleft) : Number(timeleft);
  if (!Number.isInteger(number) || !(seconds >= 0)) {
    throw new FluxError("EINVAL", `signal.timeleft=${timeleft} is invalid`);
  }
  return { signum: number, timeleft: seconds };
}
