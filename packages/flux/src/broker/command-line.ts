import { FluxError } from "@flux-ts/protocol/rpc/error";
import { Command, CommanderError } from "commander";

/** The broker's command line. */
export interface BrokerCommandLine {
  readonly verbose: number;
  /** `-S NAME=VALUE`, in order; null for `-S NAME`. */
  readonly attributes: readonly [name: string, value: string | null][];
  readonly configPath: string | undefined;
  /** `--conf` values, in order. */
  readonly conf: readonly string[];
  readonly program: readonly string[];
}

const collect = (value: string, before: string[]): string[] => [...before, value];

/** Parse the broker's arguments. Throws EINVAL for a usage error; `help` set: text to print instead. */
export function parseCommandLine(
  argv: readonly string[],
): BrokerCommandLine & { readonly help?: string } {
  const command = new Command("flux-broker")
    .usage("OPTIONS [initial-command ...]")
    .option("-v, --verbose [LEVEL]", "Be annoyingly verbose")
    .option("-S, --setattr <ATTR=VAL>", "Set broker attribute", collect, [])
    .option("-c, --config-path <PATH>", "Set broker config from PATH (default: none)")
    .option("--conf <VALUE>", "Set config: KEY=VALUE, inline TOML or JSON, or a file", collect, [])
    .argument("[program...]")
    .passThroughOptions()
    .exitOverride()
    .configureOutput({ writeOut() {}, writeErr() {} });
  let help: string | undefined;
  try {
    command.parse(explicitLevels(argv), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code !== "commander.helpDisplayed") {
      throw new FluxError("EINVAL", error.message.replace(/^error: /, ""));
    }
    help = command.helpInformation();
  }
  const options = command.opts<{
    verbose?: true | string;
    setattr: string[];
    configPath?: string;
    conf: string[];
  }>();
  const { verbose } = options;
  return {
    verbose: verbose === true ? 1 : Number(verbose ?? 0),
    attributes: options.setattr.map(attributeOf),
    configPath: options.configPath,
    conf: options.conf,
    program: command.args,
    ...(help !== undefined && { help }),
  };
}

const withArgument = new Set(["-S", "--setattr", "-c", "--config-path", "--conf"]);

/** `-v` takes a level only glued to it; what follows is another option or the initial program. */
function explicitLevels(argv: readonly string[]): string[] {
  const words = [...argv];
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    if (!word.startsWith("-") || word === "--") break;
    if (withArgument.has(word)) i++;
    else if (word === "-v" || word === "--verbose") words[i] = "--verbose=1";
    else if (/^-v\d+$/.test(word)) words[i] = `--verbose=${word.slice(2)}`;
  }
  return words;
}

function attributeOf(text: string): [string, string | null] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, null] : [text.slice(0, equals), text.slice(equals + 1)];
}
