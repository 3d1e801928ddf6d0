import { group } from "../command.ts";
import checkpoint from "./content/checkpoint.ts";
import dropcache from "./content/dropcache.ts";
import flush from "./content/flush.ts";
import load from "./content/load.ts";
import store from "./content/store.ts";

export default group({
  name: "content",
  summary: "Access content store",
  dialect: "A",
  builtin: true,
  listing: "usages",
  summaryInUsage: true,
  commands: { load, store, dropcache, flush, checkpoint },
});
