import { group } from "../command.ts";
import builtin from "./config/builtin.ts";
import get from "./config/get.ts";
import load from "./config/load.ts";
import reload from "./config/reload.ts";
import set from "./config/set.ts";
import unset from "./config/unset.ts";

export default group({
  name: "config",
  summary: "Manage configuration",
  dialect: "A",
  builtin: true,
  listing: "usages",
  summaryInUsage: true,
  commands: { load, reload, get, set, unset, builtin },
});
