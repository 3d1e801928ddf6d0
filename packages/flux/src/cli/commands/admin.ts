import { group, lazy } from "../command.ts";

export default group({
  name: "admin",
  summary: "manage a Flux instance",
  dialect: "B",
  commands: {
    "cleanup-push": lazy(
      "add a command to run after the initial program",
      () => import("./admin/cleanup-push.ts"),
    ),
  },
});
