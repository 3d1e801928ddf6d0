import { constants } from "node:os";
import { signalText } from "@flux-ts/protocol/job/signal";
import { type PmiEffect, PmiServer } from "@flux-ts/protocol/pmi/server";
import { BrokerProcess } from "./broker-process.ts";
import { type ExitMode, ExitRule } from "./exit-rule.ts";
import { type StartedBrokers, StartService } from "./start-service.ts";

export interface TestInstanceOptions {
  readonly size: number;
  /** Command line of the broker with this rank. */
  argvOf(rank: number): readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly rundir: string;
  readonly uid: number;
  /** Value of PMI_process_mapping. */
  readonly mapping: string | undefined;
  readonly exitMode: ExitMode;
  readonly exitTimeoutSeconds: number;
  /** Start all brokers, or the leader alone. */
  readonly startMode: "all" | "leader";
  log(text: string): void;
  /** Told of each line of PMI; for `-vv`. */
  trace?: ((text: string) => void) | undefined;
}

/** An instance of several brokers on this machine, for tests: processes of `flux start`. */
export class TestInstance implements StartedBrokers {
  readonly size: number;
  readonly #options: TestInstanceOptions;
  readonly #rule: ExitRule;
  readonly #pmi: PmiServer;
  readonly #service: StartService;
  readonly #processes = new Map<number, BrokerProcess>();
  readonly #statuses = new Map<number, number>();
  #exitTimer: NodeJS.Timeout | undefined;
  #onOver: () => void = () => {};

  constructor(options: TestInstanceOptions) {
    const { size, mapping } = options;
    this.size = size;
    this.#options = options;
    this.#rule = new ExitRule(options.exitMode, size);
    this.#pmi = new PmiServer({
      universeSize: size,
      localSize: size,
      kvsname: "-",
      ...(mapping !== undefined && { preput: { PMI_process_mapping: mapping } }),
    });
    this.#service = new StartService(this, options.uid);
  }

  /** Run the instance to its end. Returns the exit status of `flux start`. */
  async run(): Promise<number> {
    const { rundir, startMode } = this.#options;
    const over = new Promise<void>((resolve) => {
      this.#onOver = resolve;
    });
    await this.#service.listen(`${rundir}/start`);
    try {
      const count = startMode === "leader" ? 1 : this.size;
      const ranks = [...Array(count).keys()];
      await Promise.all(ranks.map((rank) => this.#start(rank)));
      await over;
    } finally {
      this.#disarmExitTimer();
      this.#killAll();
      this.#service.close();
    }
    return this.#rule.status;
  }

  pidOf(rank: number): number | undefined {
    return this.#processes.get(rank)?.pid;
  }

  statusOf(rank: number): number {
    return this.#statuses.get(rank) ?? 0;
  }

  kill(rank: number, signum: number): void {
    this.#processes.get(rank)?.kill(signum);
  }

  signalLeader(signal: string): void {
    this.kill(0, constants.signals[signal as NodeJS.Signals]);
  }

  /** `start.run`. */
  async runOne(rank: number): Promise<void> {
    await this.#start(rank);
  }

  async #start(rank: number): Promise<void> {
    const { argvOf, env, rundir } = this.#options;
    const broker = await BrokerProcess.start(
      argvOf(rank),
      {
        ...env,
        PMI_RANK: `${rank}`,
        PMI_SIZE: `${this.size}`,
        FLUX_START_URI: `local://${rundir}/start`,
      },
      {
        onLine: (line) => this.#onLine(rank, line),
        onViolation: (error) => this.#abort(`${rank}: ${error.message}`),
        onExit: (status, signal) => this.#onExit(rank, status, signal),
      },
    );
    this.#processes.set(rank, broker);
    this.#rule.onStart(rank);
    if (!this.#rule.isWaiting) this.#disarmExitTimer();
  }

  #onLine(rank: number, line: string): void {
    this.#options.trace?.(`${rank}: C: ${line}`);
    for (const effect of this.#pmi.onLine(rank, line)) this.#perform(effect);
  }

  #perform(effect: PmiEffect): void {
    switch (effect.do) {
      case "respond":
        this.#options.trace?.(`${effect.rank}: S: ${effect.line.trimEnd()}`);
        this.#processes.get(effect.rank)?.send(effect.line);
        return;
      case "close":
        this.#processes.get(effect.rank)?.closePmi();
        return;
      case "exchange":
        // All processes are served here, so the server needs nobody else's pairs.
        return;
      case "abort":
        this.#abort(`${effect.rank}: PMI_Abort(): ${effect.text}`);
        return;
      case "violation":
        this.#abort(`${effect.rank}: ${effect.text}`);
        return;
    }
  }

  #abort(text: string): void {
    this.#options.log(text);
    this.#killAll();
  }

  #onExit(rank: number, status: number, signal: NodeJS.Signals | null): void {
    const { log } = this.#options;
    const who = `${rank} (pid ${this.pidOf(rank)})`;
    if (signal) log(`${who} ${signalText(constants.signals[signal])}`);
    else if (status !== 0) log(`${who} exited with rc=${status}`);
    this.#processes.delete(rank);
    this.#statuses.set(rank, status);
    this.#rule.onExit(rank, status);
    this.#service.onExit(rank, status);
    this.#armExitTimer();
    if (this.#rule.isOver) this.#onOver();
  }

  /** From the first exit on, the others have so long to follow. */
  #armExitTimer(): void {
    const { exitTimeoutSeconds, log } = this.#options;
    if (!this.#rule.isWaiting) this.#disarmExitTimer();
    else if (exitTimeoutSeconds !== Infinity) {
      this.#exitTimer ??= setTimeout(() => {
        log(`Exit timeout: killed rank ${this.#rule.remaining}`);
        this.#killAll();
      }, exitTimeoutSeconds * 1000);
    }
  }

  #disarmExitTimer(): void {
    clearTimeout(this.#exitTimer);
    this.#exitTimer = undefined;
  }

  #killAll(): void {
    for (const broker of this.#processes.values()) broker.kill(constants.signals.SIGKILL);
  }
}
