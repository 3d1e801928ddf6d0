import { setTimeout as delay } from "node:timers/promises";
import type { Flux } from "@flux-ts/client/handle";
import { nodeidAny } from "@flux-ts/protocol/message/message";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { parseDuration } from "@flux-ts/protocol/text/duration";
import { command } from "../command.ts";
import { failedToErrno } from "../errors.ts";
import { nodeTarget } from "../nodeid.ts";
import { flag, int, text, value } from "../option.ts";
import type { Output } from "../output/output.ts";
import { CommandError, UsageError } from "../usage-error.ts";

interface Ping {
  readonly flux: Flux;
  readonly out: Output;
  readonly service: string;
  readonly nodeid: number;
  readonly pad: string;
  readonly showUser: boolean;
}

export default command({
  name: "ping",
  summary: "measure round-trip latency to Flux services",
  dialect: "A",
  usage: "[OPTIONS] TARGET",
  usageName: "flux-ping",
  description: "",
  args: { target: "TARGET" },
  options: {
    rank: text("-r, --rank=RANK", "Find target on a specific broker rank"),
    pad: int("-p, --pad=N", "Include in the payload a string of length N bytes", { initial: 0 }),
    interval: value(
      "-i, --interval=N",
      "Specify the delay, in seconds, between successive requests",
      seconds,
      { initial: 1 },
    ),
    count: int("-c, --count=N", "Specify the number of requests to send", { initial: 0 }),
    batch: flag("-b, --batch", "Begin processing responses after all requests are sent"),
    userid: flag("-u, --userid", "Include userid and rolemask in ping output"),
  },
  async run({ args, options, flux, out }) {
    const { rank, pad, interval, count, batch } = options;
    if (rank !== undefined && args.target.includes("!")) {
      throw new CommandError("--rank and TARGET both try to specify a nodeid");
    }
    if (count < 0) throw new CommandError("count must be >= 0");
    if (batch && count === 0) throw new CommandError("--batch should only be used with --count");
    const handle = await flux();
    const target = rank === undefined ? args.target : `${rank}!${args.target}`;
    const { service, nodeid, header } = await resolve(handle, target);
    out.line(header);
    const showUser = options.userid;
    const ping = { flux: handle, out, service, nodeid, pad: "p".repeat(pad), showUser };
    const sent: Promise<void>[] = [];
    for (let seq = 0; count === 0 || seq < count; seq++) {
      if (seq > 0) await delay(interval * 1000);
      const answered = once(ping, seq);
      if (batch) sent.push(answered);
      else await answered;
    }
    await Promise.all(sent);
  },
});

/** `NODE!SERVICE`, `SERVICE`, or a node alone, which means its broker. */
async function resolve(flux: Flux, target: string) {
  const bang = target.indexOf("!");
  const node = await nodeTarget(flux, bang < 0 ? target : target.slice(0, bang));
  if (bang >= 0 && !node) throw new CommandError(`invalid nodeid/host: '${target.slice(0, bang)}'`);
  const service = bang >= 0 ? target.slice(bang + 1) : node ? "broker" : target;
  const { nodeid, shown, suffix } = node ?? { nodeid: nodeidAny, shown: "any", suffix: "" };
  return { service, nodeid, header: `flux-ping ${shown}!${service}${suffix}` };
}

async function once({ flux, out, service, nodeid, pad, showUser }: Ping, seq: number) {
  const { ping } = moduleDefaults(service);
  const where = nodeid === nodeidAny ? "" : nodeid > 0xfffffff0 ? "upstream!" : `${nodeid}!`;
  const start = performance.now();
  const sent = {
    seq,
    "time.tv_sec": Math.floor(start / 1000),
    "time.tv_nsec": Math.floor((start % 1000) * 1e6),
    pad,
  };
  const answer = await flux
    .call(ping, sent, { nodeid })
    .catch(failedToErrno(`${where}${service}.ping`));
  const ms = (performance.now() - start).toFixed(3);
  const { route, userid, rolemask, rank } = answer;
  if (answer.pad !== pad) {
    throw new CommandError(`${where}${service}.ping: padding contents invalid`);
  }
  if (typeof rank !== "number" || typeof rolemask !== "number") {
    throw new FluxError("EPROTO", `${service}.ping: expected rank and rolemask in the response`);
  }
  const user = showUser ? ` userid=${userid} rolemask=0x${rolemask.toString(16)}` : "";
  out.line(`${rank}!${service}.ping pad=${pad.length}${user} seq=${seq} time=${ms} ms (${route})`);
}

function seconds(given: string): number {
  try {
    return parseDuration(given);
  } catch {
    throw new UsageError(`Invalid argument for option 'interval': '${given}'`, "option");
  }
}
