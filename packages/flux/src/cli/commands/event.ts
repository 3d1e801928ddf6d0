import { group } from "../command.ts";
import pub from "./event/pub.ts";
import sub from "./event/sub.ts";

export default group({
  name: "event",
  summary: "Send and receive Flux events",
  dialect: "A",
  listing: "usages",
  silentWhenMissing: true,
  commands: { pub, sub },
});
