import { group } from "../command.ts";
import disconnect from "./overlay/disconnect.ts";
import errors from "./overlay/errors.ts";
import lookup from "./overlay/lookup.ts";
import parentof from "./overlay/parentof.ts";
import status from "./overlay/status.ts";
import trace from "./overlay/trace.ts";

export default group({
  name: "overlay",
  summary: "Manage overlay network",
  dialect: "A",
  builtin: true,
  listing: "usages",
  summaryInUsage: true,
  commands: { trace, errors, status, lookup, parentof, disconnect },
});
