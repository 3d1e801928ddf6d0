import { Kvs } from "@flux-ts/client/kvs";
import { KvsTxn } from "@flux-ts/client/kvs-txn";
import { type EventlogEntry, encodeEntry, parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import { command } from "../command.ts";
import { failedTo } from "../errors.ts";
import { flag, int, text } from "../option.ts";
import { runHistory } from "../startlog/run-history.ts";
import { CommandError } from "../usage-error.ts";
import { fluxCoreVersion } from "../version.ts";

export default command({
  name: "startlog",
  summary: "List Flux instance startlog",
  dialect: "A",
  builtin: true,
  usage: "[OPTIONS]",
  options: {
    check: flag("--check", "Check if instance was properly shut down"),
    quiet: flag("--quiet", "Suppress listing, useful with --check"),
    showVersion: flag("-v, --show-version", "Show the flux-core version string in output"),
    postStart: flag("--post-start-event", "Post start event to eventlog (for rc use only)", {
      hidden: true,
    }),
    postFinish: flag("--post-finish-event", "Post finish event to eventlog (for rc use only)", {
      hidden: true,
    }),
    key: text("--test-startlog-key=PATH", "override startlog key (test only)", {
      initial: "admin.eventlog",
      hidden: true,
    }),
    version: int("--test-startlog-version=VERSION", "override startlog version (test only)", {
      initial: 1,
      hidden: true,
    }),
  },
  async run({ options, flux, out, env }) {
    const { key, version, showVersion } = options;
    const handle = await flux();
    const kvs = new Kvs(handle, env.FLUX_KVS_NAMESPACE);
    const post = async (name: string, context: JsonObject, sync: boolean): Promise<void> => {
      if ((await handle.rank()) > 0) {
        throw new CommandError("Startlog events may only be posted from rank 0");
      }
      const line = encodeEntry({ timestamp: Date.now() / 1000, name, context });
      const done = kvs.commit(new KvsTxn().append(key, line), { sync });
      await done.catch(failedTo(`Error committing ${name} event`));
    };
    if (options.postStart) {
      // A crash before the next checkpoint must leave a trace of this run.
      await post("start", { version, core_version: fluxCoreVersion }, true);
      return 0;
    }
    if (options.postFinish) {
      await post("finish", { version }, false);
      return 0;
    }
    const log = await kvs.getText(key).catch(failedTo("Error fetching eventlog"));
    const now = Date.now() / 1000;
    const history = runHistory(decoded(log), { version, showVersion, now });
    if (!options.quiet) out.write(history.text);
    return options.check && history.hasCrashed ? 1 : 0;
  },
});

function decoded(log: string): EventlogEntry[] {
  try {
    return parseEventlog(log);
  } catch (error) {
    if (!(error instanceof FluxError)) throw error;
    throw new CommandError(`Error decoding eventlog: ${errnoText(error.errnum)}`);
  }
}
