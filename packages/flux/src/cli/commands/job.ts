import { group, lazy } from "../command.ts";

const hidden = { hidden: true };

export default group({
  name: "job",
  summary: "get job status, info, etc (see: flux help job)",
  dialect: "A",
  helpStatus: 1,
  commands: {
    list: lazy("List jobs", () => import("./job/list.ts"), hidden),
    "list-inactive": lazy("List Inactive jobs", () => import("./job/list-inactive.ts"), hidden),
    "list-ids": lazy("List job(s) by id", () => import("./job/list-ids.ts"), hidden),
    urgency: lazy(
      "Set job urgency (0-31, HOLD, EXPEDITE, DEFAULT)",
      () => import("./job/urgency.ts"),
    ),
    raise: lazy("Raise exception on one or more jobs", () => import("./job/raise.ts")),
    raiseall: lazy("Raise an exception on multiple jobs.", () => import("./job/raiseall.ts")),
    kill: lazy("Send signal to one or more running jobs", () => import("./job/kill.ts")),
    killall: lazy("Send signal to multiple running jobs", () => import("./job/killall.ts")),
    attach: lazy("Interactively attach to job", () => import("./job/attach.ts")),
    status: lazy(
      "Wait for job(s) to complete and exit with largest exit code",
      () => import("./job/status.ts"),
    ),
    submit: lazy("Run job", () => import("./job/submit.ts")),
    id: lazy("Convert jobid(s) to another form", () => import("./job/id.ts")),
    eventlog: lazy("Display eventlog for a job", () => import("./job/eventlog.ts")),
    "wait-event": lazy("Wait for an event ", () => import("./job/wait-event.ts")),
    info: lazy("Display info for a job", () => import("./job/info.ts")),
    stats: lazy("Get current job stats", () => import("./job/stats.ts")),
    namespace: lazy(
      "Convert job ids to job guest kvs namespace names",
      () => import("./job/namespace.ts"),
    ),
    wait: lazy("Wait for job(s) to complete.", () => import("./job/wait.ts")),
    memo: lazy("Post an RFC 21 memo to a job", () => import("./job/memo.ts")),
    taskmap: lazy(
      "Utility function for working with job task maps",
      () => import("./job/taskmap.ts"),
    ),
    timeleft: lazy(
      "Find remaining runtime for job or enclosing instance",
      () => import("./job/timeleft.ts"),
    ),
    hostpids: lazy("Print host:pid pairs for tasks in JOBID", () => import("./job/hostpids.ts")),
    last: lazy("List my most recently submitted job id(s)", () => import("./job/last.ts")),
    purge: lazy("Purge the oldest inactive jobs", () => import("./job/purge.ts")),
  },
});
