import { withResolvers } from "@flux-ts/client/rpc-stream";
import type { Message } from "@flux-ts/protocol/message/message";
import { command } from "../../command.ts";
import { int } from "../../option.ts";

export default command({
  name: "sub",
  summary: "Subscribe to events",
  dialect: "A",
  usage: "[OPTIONS] [topic...]",
  description: "",
  args: { topics: "[TOPIC...]" },
  options: { count: int("-c, --count=N", "Process N events then exit", { initial: 0 }) },
  async run({ args, options, flux, out }) {
    const handle = await flux();
    let received = 0;
    const done = withResolvers<void>();
    const onEvent = (message: Message): void => {
      if (options.count > 0 && received >= options.count) return;
      received++;
      out.line(`${message.topic}\t${shown(message)}`);
      if (received === options.count) done.resolve();
    };
    const topics = args.topics.length > 0 ? args.topics : [""];
    // An event that matches several prefixes is printed once.
    const seen = new WeakSet<Message>();
    for (const topic of topics) {
      await handle.subscribe(topic, (_topic, _payload, message) => {
        if (seen.has(message)) return;
        seen.add(message);
        onEvent(message);
      });
    }
    await Promise.race([done.promise, handle.closed]);
  },
});

/** JSON as it is; raw bytes as printable characters. */
function shown({ payload }: Message): string {
  if (!payload) return "";
  const { bytes } = payload;
  if (bytes.at(-1) === 0) return new TextDecoder().decode(bytes.subarray(0, -1));
  return Array.from(bytes, (byte) =>
    byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".",
  ).join("");
}
