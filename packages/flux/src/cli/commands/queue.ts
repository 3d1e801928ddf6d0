import { group, lazy } from "../command.ts";

export default group({
  name: "queue",
  summary: "list and manipulate flux queues",
  dialect: "B",
  commands: {
    list: lazy("list queues", () => import("./queue/list.ts")),
    status: lazy("show the state of queues", () => import("./queue/status.ts")),
    enable: lazy("accept jobs", () => import("./queue/enable.ts")),
    disable: lazy("refuse jobs", () => import("./queue/disable.ts")),
    start: lazy("start scheduling", () => import("./queue/start.ts")),
    stop: lazy("stop scheduling", () => import("./queue/stop.ts")),
    drain: lazy("wait until no job is active", () => import("./queue/drain.ts")),
    idle: lazy("wait until no job runs", () => import("./queue/idle.ts")),
  },
});
