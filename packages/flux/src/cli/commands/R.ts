import { group } from "../command.ts";
import append from "./resource-set/append.ts";
import decode from "./resource-set/decode.ts";
import diff from "./resource-set/diff.ts";
import encode from "./resource-set/encode.ts";
import intersect from "./resource-set/intersect.ts";
import parseConfig from "./resource-set/parse-config.ts";
import remap from "./resource-set/remap.ts";
import rerank from "./resource-set/rerank.ts";
import setProperty from "./resource-set/set-property.ts";
import verify from "./resource-set/verify.ts";

export default group({
  name: "R",
  summary: "Read, generate, and process RFC 20 Resource Set objects.\nOptions:",
  dialect: "A",
  listing: "usages",
  summaryInUsage: true,
  silentWhenMissing: true,
  silentWhenUnknown: true,
  commands: {
    encode,
    append,
    diff,
    intersect,
    remap,
    rerank,
    decode,
    verify,
    "set-property": setProperty,
    "parse-config": parseConfig,
  },
});
