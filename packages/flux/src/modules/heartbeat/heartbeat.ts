import { isOwner } from "@flux-ts/protocol/message/credential";
import { heartbeat, heartbeatPulse } from "@flux-ts/protocol/services/heartbeat";
import { overlay } from "@flux-ts/protocol/services/overlay";
import { defineModule, type ModuleContext } from "../../plugins/module.ts";
import { HeartbeatMonitor } from "./monitor.ts";
import { heartbeatSettings } from "./settings.ts";

const seconds = (): number => performance.now() / 1000;

/**
 * The pulse of an instance: rank 0 publishes an event each period; everybody else uses it to time
 * housekeeping, and gives its parent up when the pulse stays away.
 */
export default defineModule({
  name: "heartbeat",
  host: "inline",
  async start(context) {
    const { flux, rank } = context;
    let settings = heartbeatSettings(context.config, context.args);
    let count = 0;
    let pulse: NodeJS.Timeout | undefined;
    const beat = (): void => {
      count++;
      flux.publish(heartbeatPulse);
    };
    const startPulse = (): void => {
      clearInterval(pulse);
      if (rank === 0) pulse = setInterval(beat, settings.period * 1000);
    };
    const stopWatching =
      rank === 0
        ? undefined
        : await watchPulse(
            context,
            () => settings,
            () => count++,
          );
    flux.serve(heartbeat.statsGet, () => ({
      period: settings.period,
      // JSON has no infinity; flux-core reports an endless timeout so.
      timeout: Number.isFinite(settings.timeout) ? settings.timeout : -1,
      count,
      warn_thresh: settings.warnThresh,
    }));
    startPulse();
    if (rank === 0) setImmediate(beat);
    return {
      stop() {
        clearInterval(pulse);
        stopWatching?.();
      },
      configReload(config) {
        settings = heartbeatSettings(config, context.args);
        startPulse();
      },
    };
  },
});

/** Watch the leader's pulse from a follower. Returns what ends it. */
async function watchPulse(
  context: ModuleContext,
  settings: () => { period: number; timeout: number; warnThresh: number },
  onPulse: () => void,
): Promise<() => void> {
  const { flux } = context;
  const limits = () => ({ ...settings(), warnAfter: settings().warnThresh });
  const monitor = new HeartbeatMonitor(limits(), seconds());
  await flux.subscribe(heartbeatPulse, (_topic, _payload, message) => {
    if (!isOwner(message)) return;
    onPulse();
    monitor.onHeartbeat(seconds());
  });
  const timer = setInterval(() => {
    monitor.limits = limits();
    for (const effect of monitor.onTick(seconds())) {
      if (effect.do === "warn") {
        context.log(4, `heartbeat overdue by ${effect.overdue.toFixed(1)}s`);
      } else {
        const reason = `no heartbeat for ${effect.silent.toFixed(0)}s`;
        flux.send(overlay.disconnectParent, { reason });
      }
    }
  }, settings().period * 1000);
  return () => clearInterval(timer);
}
