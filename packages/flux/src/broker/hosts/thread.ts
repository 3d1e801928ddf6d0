import { MessageChannel, Worker } from "node:worker_threads";
import type { Welcome } from "../../plugins/module-runtime.ts";
import { PortTransport } from "../../plugins/port-transport.ts";
import type { Host } from "./module-host.ts";

/** What a module thread is started with. */
export interface ThreadStart {
  /** Name of a built-in module, or path of a module file. */
  readonly source: string;
  readonly welcome: Welcome;
}

/** Modules in threads of their own: `source` is a built-in module's name or a module file's path. */
export function threadHost(entry: string): Host<string> {
  return {
    kind: "thread",
    start(source, welcome) {
      const { port1, port2 } = new MessageChannel();
      const start: ThreadStart = { source, welcome };
      const worker = new Worker(entry, {
        workerData: { start, port: port2 },
        transferList: [port2],
        name: welcome.name,
      });
      const transport = new PortTransport(port1);
      worker.on("error", (error) => transport.onClose(error));
      worker.on("exit", () => transport.onClose());
      return { transport, kill: () => void worker.terminate() };
    },
  };
}
