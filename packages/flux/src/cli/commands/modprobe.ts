import { group, lazy } from "../command.ts";

export default group({
  name: "modprobe",
  summary: "load and configure broker modules by rc files",
  dialect: "B",
  commands: {
    run: lazy("Run tasks from an rc file", () => import("./modprobe/run.ts")),
  },
});
