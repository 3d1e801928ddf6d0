// Entry of module threads when the benchmarks run from source: tsx does not follow into threads.
import { register } from "tsx/esm/api";

register();
await import("../packages/flux/src/broker/hosts/thread-entry.ts");
