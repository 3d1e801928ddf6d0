/** What `flux start` passes on to brokers, whether it starts one or many. */
export interface BrokerArguments {
  /** `-S`, as given: `ATTR=VAL`. */
  readonly setattr: readonly string[];
  /** `-o`: options of the broker, as given. */
  readonly brokerOpts: readonly string[];
  readonly configPath: string | undefined;
  readonly conf: readonly string[];
  /** What `--recovery` adds. */
  readonly recovery: readonly string[];
}

/** The arguments that all brokers of an instance have in common, in flux-core's order. */
export function commonArguments(options: BrokerArguments): string[] {
  return [
    ...options.setattr.map((setting) => `-S${setting}`),
    ...options.brokerOpts,
    ...options.recovery,
    ...(options.configPath === undefined ? [] : [`-c${options.configPath}`]),
    ...options.conf.map((value) => `--conf=${value}`),
  ];
}

/** Those of one broker of a test instance; the command is for rank 0 only. */
export function rankArguments(
  rank: number,
  test: { rundir: string; hostname: string | undefined; command: readonly string[] },
): string[] {
  return [
    `--setattr=rundir=${test.rundir}`,
    ...(test.hostname === undefined ? [] : [`--setattr=hostname=${test.hostname}`]),
    ...(rank === 0 ? test.command : []),
  ];
}

/** `--recovery`: a broker that starts whatever state it finds, without its jobs' usual services. */
export function recoveryArguments(target: { statedir: string } | { dump: string }): string[] {
  return [
    "-Sbroker.recovery-mode=1",
    "-Sbroker.quorum=1",
    "-Sbroker.module-nopanic=1",
    "-Slog-stderr-level=5",
    "statedir" in target ? `-Sstatedir=${target.statedir}` : `-Scontent.restore=${target.dump}`,
  ];
}
