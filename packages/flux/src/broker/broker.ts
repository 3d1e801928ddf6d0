import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import { nodeidUpstream } from "@flux-ts/protocol/message/message";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { broker as brokerMethods } from "@flux-ts/protocol/services/broker";
import { config } from "@flux-ts/protocol/services/config";
import { groups } from "@flux-ts/protocol/services/groups";
import { log } from "@flux-ts/protocol/services/log";
import { runat } from "@flux-ts/protocol/services/runat";
import { stateMachine } from "@flux-ts/protocol/services/state-machine";
import type { Severity } from "../plugins/module.ts";
import type { Attributes } from "./attributes.ts";
import { cleanupSteps } from "./cleanup.ts";
import { configModule } from "./config-module.ts";
import { BrokerCore } from "./core.ts";
import type { InitialProgram } from "./initial-program.ts";
import type { Installation } from "./installation.ts";
import { BrokerLife } from "./life.ts";
import { ModuleLoader } from "./module-loader.ts";
import type { Network } from "./network.ts";
import { programEnvironment } from "./program-environment.ts";
import { quorumSize, waitForQuorum } from "./quorum.ts";
import { runRc1, runRc3, scriptSteps } from "./rc.ts";
import { RunLevel } from "./run-level.ts";
import { brokerService, serveBrokerDefaults } from "./services/broker-service.ts";
import { runatService, shellCommand } from "./services/runat-service.ts";
import { ShutdownService } from "./shutdown.ts";
import { eventOfParentState, reactionToSignal } from "./state-machine.ts";
import { type Timeouts, timeoutsOf } from "./timeouts.ts";

export interface BrokerOptions {
  readonly attributes: Attributes;
  readonly rank: number;
  readonly size: number;
  readonly uuid: string;
  readonly config: JsonObject;
  /** Read the configuration again; undefined if it has no file. */
  readonly readConfig: () => JsonObject | undefined;
  readonly network: Network;
  readonly installation: Installation;
  /** What rc2 runs; undefined for none (`broker.rc2_none`). */
  readonly program: InitialProgram | undefined;
  readonly writeStderr: (text: string) => void;
  readonly writeLogFile?: (text: string) => void;
}

const rc1Default = "flux modprobe rc1";
const rc3Default = "flux modprobe rc3";
const exitFailure = 1;
/** How long an unloading module may take before it is ended by force. */
const goodbyeTimeoutMs = 60_000;

/** A broker: everything below put together, and the states it goes through. */
export class Broker {
  readonly core: BrokerCore;
  readonly life: BrokerLife;
  readonly #options: BrokerOptions;
  readonly #attributes: Attributes;
  readonly #loader: ModuleLoader;
  readonly #levels: ReadonlyMap<string, RunLevel>;
  readonly #shutdown: ShutdownService;
  readonly #timeouts: Timeouts;
  readonly #quorumSize: number;
  #exitCode = 0;
  #parentState = 0;

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#attributes = options.attributes;
    this.core = new BrokerCore({
      rank: options.rank,
      size: options.size,
      uuid: options.uuid,
      owner: process.getuid?.() ?? 0,
      attributes: options.attributes,
      config: options.config,
      load: (request) => this.#loader.load(request),
      log: {
        forward: (line) =>
          this.core.flux.send(log.append, encodeUtf8(line), { nodeid: nodeidUpstream }),
        stderr: options.writeStderr,
        ...(options.writeLogFile && { file: options.writeLogFile }),
      },
    });
    const { core } = this;
    core.router.uplink = options.network.uplink;
    const entry = `${options.installation.dist}/module-thread.cjs`;
    this.#loader = new ModuleLoader(core.modules, entry, () => core.config);
    this.#timeouts = timeoutsOf(this.#attributes);
    this.#quorumSize = quorumSize(this.#attributes.get("broker.quorum"), options.size, (text) =>
      this.log(3, text),
    );
    this.life = new BrokerLife(this.#actions(), (severity, text) => this.log(severity, text));
    this.#levels = new Map(
      ["rc1", "rc2", "cleanup", "rc3"].map((name) => [name, this.#level(name)]),
    );
    this.#shutdown = new ShutdownService(this.life, options.rank);
    this.#serve();
  }

  log(severity: Severity, text: string): void {
    this.core.log.log("broker", severity, text);
  }

  /** Run the broker to its end. Returns the exit code of the process. */
  async run(): Promise<number> {
    void this.#loadBuiltins();
    await this.life.exited;
    const norestart = this.#attributes.get("broker.exit-norestart");
    if (norestart !== undefined && (this.#shutdown.wasRequested || this.life.hasFailed)) {
      return Number(norestart);
    }
    return this.#exitCode || (this.life.hasFailed ? exitFailure : 0);
  }

  /** A signal for the process; what it means depends on the state (wire-broker §4.5). */
  onSignal(name: NodeJS.Signals): void {
    const hasProgram = this.#options.rank === 0 && this.#options.program !== undefined;
    const reaction = reactionToSignal(this.life.state, hasProgram);
    if (!reaction) return;
    this.log(6, `signal ${name}`);
    if ("post" in reaction) this.life.post(reaction.post);
    else this.#levelOf(reaction.abort).abort();
  }

  #levelOf(name: string): RunLevel {
    return this.#levels.get(name)!;
  }

  #level(name: string): RunLevel {
    const { attributes, core } = { attributes: this.#attributes, core: this.core };
    const uri = attributes.get("local-uri") ?? "";
    return new RunLevel(name, {
      flux: core.flux,
      env: programEnvironment(process.env, uri, attributes.get("jobid")),
      log: (severity, text) => this.log(severity, text),
    });
  }

  #serve(): void {
    const { core, life } = this;
    const { flux } = core;
    life.serve(flux);
    flux.serveAll(brokerMethods, brokerService(this.#options.installation.builtin));
    serveBrokerDefaults(flux, core.rank, core.uuid);
    flux.serveAll(runat, runatService(this.#levels));
    this.#shutdown.serve(flux, () => this.#beginShutdown());
    core.log.onLine = (line) => this.#shutdown.onLogLine(line);
    core.modules.onCrash = ({ name, errnum }) => {
      this.log(2, `module ${name} exited abnormally (errno ${errnum})`);
      if (
        this.#attributes.get("broker.module-nopanic") === undefined &&
        life.hasReached("quorum")
      ) {
        life.hasFailed = true;
        life.post("panic");
      }
    };
  }

  #beginShutdown(): void {
    this.log(6, "shutdown requested");
    if (this.#levelOf("rc2").isRunning) this.#levelOf("rc2").abort();
    else this.life.post("shutdown");
  }

  async #loadBuiltins(): Promise<void> {
    try {
      const options = { path: "builtin" };
      const module = configModule(this.core, this.#options.readConfig);
      await this.#loader.loadDefinition(module, [], options);
      await this.#options.network.start(this.core, {
        onParentFail: (reason) => this.#onParentFail(reason),
        onChildrenGone: () => this.life.post("children-complete"),
      });
      await Promise.all(
        ["rexec", "groups", "connector-local"].map(async (name) => {
          const { builtins } = await import("./builtins.ts");
          const { default: definition } = await builtins[name]!.load();
          await this.#loader.loadDefinition(definition, [], options);
        }),
      );
      this.life.post("builtins-success");
    } catch (error) {
      this.log(2, `cannot start: ${error instanceof Error ? error.message : error}`);
      this.life.hasFailed = true;
      this.life.post("builtins-fail");
    }
  }

  #actions() {
    return {
      "load-builtins": () => {},
      join: () => this.#join(),
      "config-sync": () => this.#syncConfig(),
      init: () => this.#init(),
      quorum: () => this.#quorum(),
      run: () => this.#run(),
      cleanup: () => this.#cleanup(),
      shutdown: () => this.#waitForChildren(),
      finalize: () => this.#finalize(),
      goodbye: () => this.#goodbye(),
      "unload-builtins": () => this.#unloadBuiltins(),
      exit: () => {},
    };
  }

  #join(): void {
    if (this.core.rank === 0) {
      this.life.post("parent-none");
      return;
    }
    this.core.flux.follow(
      stateMachine.monitor,
      { next: ({ state }) => this.#onParentState(state), end: () => this.#onParentState(99) },
      { final: 7 },
      { nodeid: nodeidUpstream },
    );
  }

  /** The parent's state moves ours, now and when we get to a state that waits for it. */
  #onParentState(state: number): void {
    this.#parentState = Math.max(state, this.#parentState);
    const event = eventOfParentState(this.life.state, this.#parentState);
    if (event) this.life.post(event);
  }

  #onParentFail(reason: string): void {
    this.log(2, reason);
    this.life.hasFailed = true;
    this.life.post("parent-fail");
    if (this.life.state === "quorum") this.life.post("quorum-fail");
  }

  async #syncConfig(): Promise<void> {
    const { core, life } = this;
    if (core.rank === 0) {
      life.post("sync-none");
      return;
    }
    core.flux.follow(
      config.get,
      {
        next: (next) => {
          core.config = next;
          core.onConfig(next);
          life.post("sync-success");
        },
        end: (error) => error && life.state === "config-sync" && life.post("sync-fail"),
      },
      undefined,
      { nodeid: nodeidUpstream },
    );
  }

  async #init(): Promise<void> {
    const { core, life } = this;
    core.router.isOpen = true;
    const path = this.#attributes.get("broker.rc1_path") ?? rc1Default;
    const level = this.#levelOf("rc1");
    const { confdir = "" } = this.#options.installation.builtin;
    if (path === rc1Default) {
      for (const step of scriptSteps("rc1.d", confdir).reverse()) level.push(step);
      level.push({ name: "rc1", run: () => runRc1(core, this.#loader) });
      if (core.rank === 0) {
        for (const step of cleanupSteps(core.flux).reverse()) this.#levelOf("cleanup").push(step);
      }
    } else if (path !== "") {
      level.push({ cmdline: shellCommand(path) });
    }
    if (level.isEmpty) {
      life.post("rc1-none");
      return;
    }
    const code = await level.run();
    if (code === 0) {
      life.post("rc1-success");
    } else if (this.#attributes.get("broker.recovery-mode") === "1") {
      life.post("rc1-ignorefail");
    } else {
      this.#exitCode = code;
      life.hasFailed = true;
      life.post("rc1-fail");
    }
  }

  async #quorum(): Promise<void> {
    const { core, life } = this;
    await core.flux.call(groups.join, { name: "broker.online" }, { nodeid: core.rank });
    if (core.rank > 0) {
      this.#onParentState(this.#parentState);
      return;
    }
    await waitForQuorum(core.flux, {
      size: core.size,
      needed: this.#quorumSize,
      warnSeconds: this.#timeouts.quorumWarn,
      hostlist: this.#attributes.get("hostlist") ?? "",
      log: (severity, text) => this.log(severity, text),
    });
    life.post("quorum-full");
  }

  async #run(): Promise<void> {
    const { core, life } = this;
    const { program } = this.#options;
    if (core.rank > 0) {
      this.#onParentState(this.#parentState);
      return;
    }
    if (!program) return;
    const level = this.#levelOf("rc2");
    level.push({ cmdline: program.cmdline, inherit: true });
    const code = await level.run();
    this.#exitCode ||= code;
    life.post(code === 0 ? "rc2-success" : "rc2-fail");
  }

  async #cleanup(): Promise<void> {
    const level = this.#levelOf("cleanup");
    if (this.core.rank > 0 || level.isEmpty) {
      this.life.post("cleanup-none");
      return;
    }
    const { cleanup } = this.#timeouts;
    const timer =
      cleanup === undefined ? undefined : setTimeout(() => level.abort(), cleanup * 1000);
    const code = await level.run();
    clearTimeout(timer);
    this.life.post(code === 0 ? "cleanup-success" : "cleanup-fail");
  }

  #waitForChildren(): void {
    const { network, rank } = this.#options;
    if (network.childCount === 0) {
      this.life.post("children-none");
      return;
    }
    const { shutdownWarn, shutdown } = this.#timeouts;
    const whileWaiting = (action: () => void) => () => {
      if (this.life.state === "shutdown") action();
    };
    if (shutdownWarn !== undefined) {
      const warn = (): void => {
        this.log(3, `shutdown delayed: waiting for ${network.childCount} peers`);
      };
      setInterval(whileWaiting(warn), shutdownWarn * 1000).unref();
    }
    if (rank === 0 && shutdown !== undefined) {
      const giveUp = (): void => {
        this.log(3, `shutdown timeout: giving up on ${network.childCount} peers`);
        this.life.post("children-complete");
      };
      setTimeout(whileWaiting(giveUp), shutdown * 1000).unref();
    }
  }

  async #finalize(): Promise<void> {
    const { core, life } = this;
    const path = this.#attributes.get("broker.rc3_path") ?? rc3Default;
    const level = this.#levelOf("rc3");
    const { confdir = "" } = this.#options.installation.builtin;
    if (path === rc3Default) {
      level.push({ name: "rc3", run: () => runRc3(core) });
      for (const step of scriptSteps("rc3.d", confdir).reverse()) level.push(step);
    } else if (path !== "") {
      level.push({ cmdline: shellCommand(path) });
    }
    if (level.isEmpty) {
      life.post("rc3-none");
      return;
    }
    const code = await level.run();
    this.#exitCode ||= code;
    life.post(code === 0 ? "rc3-success" : "rc3-fail");
  }

  async #goodbye(): Promise<void> {
    const done = (): void => this.life.post("goodbye");
    setTimeout(done, goodbyeTimeoutMs).unref();
    if (this.core.rank > 0) {
      await this.#options.network.goodbye();
      done();
      return;
    }
    this.#shutdown.onIdle = done;
    this.#shutdown.finish();
    if (this.#shutdown.isIdle) done();
  }

  async #unloadBuiltins(): Promise<void> {
    for (const { name } of this.core.modules.all.reverse()) await this.#unload(name);
    await this.#options.network.close();
    this.life.post("builtins-done");
  }

  async #unload(name: string): Promise<void> {
    const { unloadBuiltins } = this.#timeouts;
    const removed = this.core.modules.remove(name).catch(() => {});
    if (unloadBuiltins === undefined) return removed;
    await Promise.race([
      removed,
      setTimeoutPromise(unloadBuiltins * 1000, "late", { ref: false }),
    ]).then((result) => {
      if (result === "late") this.log(2, `unloading built-in broker module timed out: ${name}`);
    });
  }
}
