import type { Flux } from "@flux-ts/client/handle";
import { attr } from "@flux-ts/protocol/services/attr";
import { groups } from "@flux-ts/protocol/services/groups";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { resource } from "@flux-ts/protocol/services/resource";
import { stateMachine } from "@flux-ts/protocol/services/state-machine";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import { Idset } from "@flux-ts/protocol/text/idset";
import { command } from "../command.ts";
import { clockTime } from "../output/time.ts";
import { userName } from "../users.ts";

const leader = { nodeid: 0 };

export default command({
  name: "uptime",
  summary: "Show how long this Flux instance has been running",
  dialect: "A",
  builtin: true,
  prog: "flux",
  usage: "[OPTIONS]...",
  args: { ignored: "[ARGS...]" },
  async run({ flux, out }) {
    const handle = await flux();
    const now = Date.now() / 1000;
    const [owner, sizeText, level, { state, duration }] = await Promise.all([
      handle.attr("security.owner"),
      handle.attr("size"),
      handle.attr("instance-level"),
      handle.call(stateMachine.get),
    ]);
    const size = Number(sizeText);
    // Beyond `run`, only this broker's own state can be told.
    const life = state === "run" ? await lifeOf(handle, size) : undefined;
    const text = formatDuration(life ? Math.max(0, now - life.started) : duration, 2);
    const counts = [
      ...(life?.drained ? [`,  ${life.drained} drained`] : []),
      ...(life?.offline ? [`,  ${life.offline} offline`] : []),
    ];
    const name = userName(Number(owner));
    out.line(
      ` ${clockTime(now)} ${state} ${text},  owner ${name},  depth ${level},  size ${size}${counts.join("")}`,
    );
    const warnings = [
      ...(life?.submitDisabled ? ["submit disabled"] : []),
      ...(life?.schedulerStopped ? ["scheduler stopped"] : []),
    ];
    if (warnings.length > 0) out.line(`  ${warnings.join(",  ")}`);
  },
});

async function lifeOf(handle: Flux, size: number) {
  const [start, { drain }, { members }, queues] = await Promise.all([
    handle.call(attr.get, { name: "broker.starttime" }, leader),
    handle.call(resource.status, undefined, leader),
    handle.call(groups.get, { name: "broker.online" }, leader),
    queueStates(handle),
  ]);
  return {
    started: Number(start.value),
    drained: Object.keys(drain).reduce((sum, ranks) => sum + Idset.parse(ranks).size, 0),
    offline: size - Idset.parse(members).size,
    submitDisabled: queues.every(({ enable }) => !enable),
    schedulerStopped: queues.every(({ start: started }) => !started),
  };
}

async function queueStates(handle: Flux) {
  const { queues } = await handle.call(jobManager.queueList, undefined, leader);
  const names = queues.length > 0 ? queues : [undefined];
  return Promise.all(
    names.map((name) =>
      handle.call(jobManager.queueStatus, name === undefined ? {} : { name }, leader),
    ),
  );
}
