import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { serveSubprocesses } from "../../subprocess/serve.ts";
import { SubprocessServer } from "../../subprocess/server.ts";
import { LogLevel } from "../log-level.ts";
import { defineShellPlugin, type ShellCallbacks } from "../plugin.ts";
import type { Shell } from "../shell.ts";

const sigterm = 15;
const sigkill = 9;
const defaultTimeoutSeconds = 60;
const user = 2;

/** Runs processes beside the tasks for the job's user: `flux exec --jobid` (RFC 42). */
export default defineShellPlugin({ name: "rexec", load: (shell) => new ShellRexec(shell) });

class ShellRexec implements ShellCallbacks {
  readonly #shell: Shell;
  readonly #timeoutSeconds: number;
  #server: SubprocessServer | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(shell: Shell) {
    this.#shell = shell;
    const timeout = shell.options.text("rexec-shutdown-timeout");
    this.#timeoutSeconds = timeout === undefined ? defaultTimeoutSeconds : parseDuration(timeout);
    shell.service.onRegister(() => this.#serve());
  }

  "shell.finish"(): void {
    const server = this.#server;
    if (!server) return;
    const name = "rexec";
    this.#shell.hold(name);
    const force = (): void => void server.shutdown(sigkill);
    this.#timer = setTimeout(force, this.#timeoutSeconds * 1000);
    void server.shutdown(sigterm).then(() => {
      clearTimeout(this.#timer);
      this.#shell.release(name);
    });
  }

  "shell.kill"(): void {
    void this.#server?.shutdown(sigkill);
  }

  "shell.close"(): void {
    clearTimeout(this.#timer);
  }

  #serve(): void {
    const { site, service, job, options } = this.#shell;
    const name = `${service.name}.rexec`;
    this.#server = new SubprocessServer({
      localUri: site.uri,
      log: (_severity, text) => this.#shell.log(LogLevel.Debug, text, "rexec"),
    });
    const rexec = options.get("rexec");
    const isSigned = isJsonObject(rexec) && Boolean(rexec["sign-required"]);
    // Under another user's instance credentials prove nothing: RFC 42 wants requests signed there.
    const isTrusted = site.owner === job.userid && !isSigned;
    serveSubprocesses(site.flux, this.#server, {
      service: name,
      rank: site.rank,
      roles: user,
      authorize({ userid }) {
        if (isTrusted && userid === job.userid) return;
        throw new FluxError("EPERM", isTrusted ? "Access denied" : "signed request required");
      },
    });
    this.#shell.log(LogLevel.Debug, `registered rexec service as ${name}`, "rexec");
  }
}
