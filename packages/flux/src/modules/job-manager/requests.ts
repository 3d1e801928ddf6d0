import type { Handlers } from "@flux-ts/client/dispatcher";
import { later } from "@flux-ts/client/request";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { jobManager } from "@flux-ts/protocol/services/job-manager";
import { Idset } from "@flux-ts/protocol/text/idset";
import { memo } from "./annotate.ts";
import { kill, killAll } from "./kill.ts";
import { list } from "./list.ts";
import type { Manager } from "./manager.ts";
import { raiseAll, raiseOne } from "./raise.ts";
import { submit } from "./submit.ts";
import type { Update } from "./update.ts";
import { setUrgency } from "./urgency.ts";

type All = Handlers<typeof jobManager>;

const anyJob = -1n;

/** The requests that the machine answers by itself. */
export function requestHandlers(
  manager: Manager,
  update: Update,
): Pick<All, AboutJobs | Waiting | Inquiry | FromServices> {
  return {
    ...jobHandlers(manager, update),
    ...waitHandlers(manager),
    ...inquiryHandlers(manager),
    ...serviceHandlers(manager, update),
  };
}

type AboutJobs =
  | "submit"
  | "raise"
  | "raiseall"
  | "kill"
  | "killall"
  | "urgency"
  | "update"
  | "memo";

function jobHandlers(manager: Manager, update: Update): Pick<All, AboutJobs> {
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
  };
}

type Waiting = "wait" | "drain" | "idle";

function waitHandlers({ drain, wait }: Manager): Pick<All, Waiting> {
  return {
    wait({ id }, request) {
      const isAny = id === anyJob || id === 2n ** 64n - 1n;
      wait.wait(request, isAny ? undefined : id);
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
  };
}

type Inquiry = "list" | "allocQuery" | "queueList" | "queueStatus";

function inquiryHandlers(manager: Manager): Pick<All, Inquiry> {
  const { alloc, jobs, queues } = manager;
  return {
    list: ({ max_entries }) => ({ jobs: list(manager, max_entries) }),
    allocQuery: () => ({
      queue_length: alloc.queue.size,
      alloc_pending: alloc.outstanding,
      running: jobs.running,
    }),
    queueList: () => ({ queues: queues.names }),
    queueStatus: ({ name }) => queues.lookup(name).status(alloc.isOnline),
  };
}

type FromServices = "schedHello" | "schedReady" | "execHello" | "housekeepingKill" | "disconnect";

function serviceHandlers(manager: Manager, update: Update): Pick<All, FromServices> {
  const { alloc, drain, housekeeping, start, wait } = manager;
  return {
    schedHello(args, request) {
      if (!request.isStreaming) throw new FluxError("EPROTO");
      for (const { id, priority, userid, tSubmit } of alloc.hello()) {
        request.respond({ id, priority, userid, t_submit: tSubmit });
      }
      for (const held of housekeeping.hello(args["partial-ok"] ?? false)) request.respond(held);
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
    housekeepingKill({ signum, jobid, ranks }) {
      const id = jobid === undefined || jobid === anyJob ? undefined : jobid;
      housekeeping.kill(signum, id, ranks === undefined ? undefined : Idset.parse(ranks));
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
