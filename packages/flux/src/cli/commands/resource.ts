import { group, lazy } from "../command.ts";

const names = "acquire-mute,drain,undrain,status,list,info,reload,R,eventlog";
const indent = " ".repeat("usage: flux-resource ".length);

export default group({
  name: "resource",
  summary: "list and manipulate flux resources",
  dialect: "B",
  usage: `[-h]\n${indent}{${names}}\n${indent}...`,
  commands: {
    "acquire-mute": lazy(
      "tell the scheduler no more of changes",
      () => import("./resource/acquire-mute.ts"),
    ),
    drain: lazy(
      "take nodes out of service, or list those that are",
      () => import("./resource/drain.ts"),
    ),
    undrain: lazy("put nodes back into service", () => import("./resource/undrain.ts")),
    status: lazy(
      "show the administrator's view of resources",
      () => import("./resource/status.ts"),
    ),
    list: lazy("show the scheduler's view of resources", () => import("./resource/list.ts")),
    info: lazy("show the number of nodes, cores and gpus", () => import("./resource/info.ts")),
    reload: lazy("replace the resource set", () => import("./resource/reload.ts")),
    R: lazy("print the resource set", () => import("./resource/emit-r.ts")),
    eventlog: lazy("show the resource eventlog", () => import("./resource/eventlog.ts")),
  },
});
