import { withResolvers } from "@flux-ts/client/rpc-stream";
import { Message, MessageFlag, MessageType } from "@flux-ts/protocol/message/message";
import { Payload } from "@flux-ts/protocol/message/payload";
import { event } from "@flux-ts/protocol/services/event";
import { encodeBase64 } from "@flux-ts/protocol/text/base64";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag } from "../../option.ts";

export default command({
  name: "pub",
  summary: "Publish an event",
  dialect: "A",
  usage: "[OPTIONS] topic [payload]",
  description: "",
  args: { topic: "TOPIC", payload: "[PAYLOAD...]" },
  options: {
    raw: flag("-r, --raw", "Interpret event payload as raw."),
    synchronous: flag("-s, --synchronous", "Wait for event sequence assignment before exiting."),
    loopback: flag("-l, --loopback", "Wait for published event to be received before exiting."),
    private: flag("-p, --private", "Set privacy flag on published event."),
  },
  async run({ args, options, flux, out }) {
    const { topic } = args;
    const handle = await flux();
    const words = args.payload.length > 0 ? args.payload.join(" ") : undefined;
    const payload = words === undefined ? undefined : payloadOf(words, options.raw);
    const flags = options.private ? MessageFlag.Private : 0;
    const seen = withResolvers<void>();
    if (options.loopback) {
      await handle.subscribe(topic, (_topic, _payload, message) => {
        if (isSame(message.payload, payload)) seen.resolve();
      });
    }
    if (options.synchronous) {
      const encoded = payload ? { payload: encodeBase64(payload.bytes) } : {};
      const request = { topic, flags, ...encoded };
      const { seq } = await handle
        .call(event.publish, request, { nodeid: 0 })
        .catch(failedTo("publish failed"));
      out.line(`seq=${seq}`);
    } else {
      handle.sendMessage(
        new Message({ type: MessageType.Event, flags, topic, payload, routes: [] }),
      );
    }
    if (options.loopback) await seen.promise;
    // Messages keep their order: when this is answered, the broker has the event.
    else await handle.rank();
  },
});

function payloadOf(text: string, isRaw: boolean): Payload {
  return isRaw ? Payload.raw(new TextEncoder().encode(text)) : Payload.text(text);
}

function isSame(a: Payload | undefined, b: Payload | undefined): boolean {
  return a && b ? Buffer.compare(a.bytes, b.bytes) === 0 : a === b;
}
