import type { Handlers } from "@flux-ts/client/dispatcher";
import { later } from "@flux-ts/client/request";
import type { JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { memo } from "./annotate.ts";
import { kill, killAll } from "./kill.ts";
import { list } from "./list.ts";
import type { Manager } from "./manager.ts";
import { raiseAll, raiseOne } from "./raise.ts";
import { submit } from "./submit.ts";
import type { Update } from "./update.ts";
import { setUrgency } from "./urgency.ts";

type All = Handlers<typeof jobManager>;
/** The requests that the machine answers by itself. */
type Answered =
  | "submit"
  | "raise"
  | "raiseall"
  | "kill"
  | "killall"
  | "urgency"
  | "update"
  | "memo"
  | "list"
  | "wait"
  | "drain"
  | "idle"
  | "allocQuery"
  | "queueList"
  | "queueStatus"
  | "schedHello"
  | "schedReady"
  | "execHello"
  | "disconnect";

const anyJob = -1n;

export function requestHandlers(manager: Manager, update: Update): Pick<All, Answered> {
  const { alloc, drain, jobs, queues, start, wait } = manager;
  return {
    submit(args, request) {
      submit(manager, request, args.jobs);
      return later;
    },
    raise: (args, request) => raiseOne(manager, request, args),
    raiseall: (args, request) => raiseAll(manager, request, args),
    kill: (args, request) => kill(manager, request, args),
    killall: (args, request) => killAll(manager, request, args),
    urgency: (args, request) => setUrgency(manager, request, args),
    update(args, request) {
      update.request(request, request, args);
      return later;
    },
    memo: (args, request) => memo(manager, request, args),
    list: ({ max_entries }) => ({ jobs: list(manager, max_entries) }),
    wait({ id }, request) {
      const isAny = id === anyJob || id === 2n ** 64n - 1n;
      wait.wait(request, isAny ? undefined : (id as JobId));
      return later;
    },
    drain(_args, request) {
      drain.awaitDrain(request);
      return later;
    },
    idle(_args, request) {
      drain.awaitIdle(request);
      return later;
    },
    allocQuery: () => ({
      queue_length: alloc.queue.size,
      alloc_pending: alloc.outstanding,
      running: jobs.running,
    }),
    queueList: () => ({ queues: queues.names }),
    queueStatus: ({ name }) => queues.lookup(name).status(alloc.isOnline),
    schedHello(_args, request) {
      if (!request.isStreaming) throw new FluxError("EPROTO");
      for (const { id, priority, userid, tSubmit } of alloc.hello()) {
        request.respond({ id, priority, userid, t_submit: tSubmit });
      }
      request.end();
      return later;
    },
    schedReady(args, request) {
      // The answer goes out before the first alloc request.
      request.respond({ count: alloc.ready(args, request.sender) });
      return later;
    },
    execHello({ service }, request) {
      start.hello(service, request.sender);
      // The service must know that it is accepted before it gets requests.
      request.respond();
      start.startAll();
      return later;
    },
    disconnect(_args, { sender }) {
      alloc.disconnect(sender);
      start.disconnect(sender);
      wait.disconnect(sender);
      drain.disconnect(sender);
      update.disconnect(sender);
    },
  };
}
