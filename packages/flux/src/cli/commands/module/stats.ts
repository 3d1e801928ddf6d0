import { Message, MessageType } from "@flux-ts/protocol/message/message";
import { textBody } from "@flux-ts/protocol/rpc/body";
import { method } from "@flux-ts/protocol/rpc/method";
import { isJsonObject, type Json, parseJson, stringifyJson } from "@flux-ts/protocol/schema/json";
import { t } from "@flux-ts/protocol/schema/schema";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag, text } from "../../option.ts";
import { indentJson } from "../../output/json-text.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "stats",
  summary: "Display stats on module",
  dialect: "A",
  usage: "[OPTIONS] module",
  args: { module: "MODULE" },
  options: {
    parse: text("-p, --parse=OBJNAME", "Parse object period-delimited object name"),
    scale: text("-s, --scale=N", "Scale numeric JSON value by N"),
    type: text("-t, --type=int|double", "Convert JSON value to specified type"),
    rusage: text(
      "-R, --rusage[=[self|children|thread]]",
      "Request rusage data instead of stats (default: self)",
      { implied: "self", shortTakesValue: true },
    ),
    clear: flag("-c, --clear", "Clear stats on target rank"),
    clearAll: flag("-C, --clear-all", "Clear stats on all ranks"),
  },
  async run({ args, options, flux, out }) {
    const name = args.module;
    const handle = await flux();
    const { statsClear } = moduleDefaults(name);
    if (options.clear) {
      await handle.call(statsClear).catch(failedTo(statsClear.topic));
      return;
    }
    if (options.clearAll) {
      const { topic } = statsClear;
      handle.sendMessage(new Message({ type: MessageType.Event, topic, routes: [] }));
      await handle.rank();
      return;
    }
    // As text, so that numbers are shown as the module wrote them.
    const asked =
      options.rusage === undefined
        ? method(`${name}.stats-get`, { response: textBody })
        : method(`${name}.rusage`, { request: { who: t.string }, response: textBody });
    const request = options.rusage === undefined ? undefined : { who: options.rusage };
    const answer = await handle.call(asked as Asked, request).catch(failedTo(asked.topic));
    out.line(shown(answer, options));
  },
});

type Asked = ReturnType<typeof method<{ who: typeof t.string }, typeof textBody>>;

interface Shown {
  readonly parse: string | undefined;
  readonly scale: string | undefined;
  readonly type: string | undefined;
}

function shown(json: string, { parse, scale = "1", type }: Shown): string {
  const whole = parseJson(json);
  const value = parse === undefined ? whole : memberOf(whole, parse);
  const scaled = Number(value) * Number(scale);
  if (Number.isInteger(value) || type === "int") return String(Math.trunc(scaled));
  if (typeof value === "number" || type === "double") return scaled.toFixed(6);
  return indentJson(parse === undefined ? json : stringifyJson(value), 1);
}

function memberOf(value: Json, path: string): Json {
  let member: Json | undefined = value;
  for (const key of path.split(".")) {
    member = isJsonObject(member) && Object.hasOwn(member, key) ? member[key] : undefined;
  }
  if (member === undefined) throw new CommandError(`\`${path}' not found in response`);
  return member;
}
