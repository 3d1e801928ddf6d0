import { group } from "../../command.ts";
import append from "./eventlog-append.ts";
import get from "./eventlog-get.ts";
import waitEvent from "./eventlog-wait-event.ts";

export default group({
  name: "eventlog",
  summary: "Manipulate a KVS eventlog",
  dialect: "A",
  listing: "usages",
  summaryInUsage: true,
  commands: { append, get, "wait-event": waitEvent },
});
