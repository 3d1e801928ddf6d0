import type { Flux } from "@flux-ts/client/handle";
import { isBlobref } from "@flux-ts/protocol/kvs/blobref";
import { errnoText } from "@flux-ts/protocol/rpc/errno";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { type Checkpoint, checkpoint, content } from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { command, group } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

const list = command({
  name: "list",
  summary: "List checkpoint(s)",
  dialect: "A",
  usageName: "flux content checkpoint list",
  usage: "[OPTIONS]",
  options: {
    noHeader: flag("-n, --no-header", "Do not output column headers"),
    json: flag("-j, --json", "Output raw json checkpoint data"),
  },
  async run({ options, flux, out }) {
    const { json, noHeader } = options;
    const handle = await flux();
    if (!noHeader && !json) out.line(row("Index", "Sequence", "Time", "Rootref"));
    const { value } = await handle
      .call(content.checkpointGet)
      .catch(failedToErrno("kvs_checkpoint_lookup"));
    for (const [index, each] of value.entries()) {
      out.line(json ? checkpoint.print!(each) : described(each, index));
    }
  },
});

const row = (index: string, sequence: string, time: string, rootref: string): string =>
  `${index.padEnd(10)} ${sequence.padEnd(10)} ${time.padEnd(20)} ${rootref}`;

function described({ rootref, sequence = 0, timestamp = 0 }: Checkpoint, index: number): string {
  if (rootref === undefined) {
    throw new CommandError(`error parsing checkpoint: ${errnoText(22)}`);
  }
  const time = new Date(Math.floor(timestamp) * 1000).toISOString().replace(".000", "");
  return row(String(index), String(sequence), time, rootref);
}

const update = command({
  name: "update",
  summary: "Update checkpoint to specified blobref",
  dialect: "A",
  usageName: "flux content checkpoint update",
  usage: "[OPTIONS] blobref",
  args: { blobref: "BLOBREF" },
  async run({ args, flux }) {
    const { blobref } = args;
    const handle = await flux();
    if (await isKvsLoaded(handle)) {
      throw new CommandError("please unload kvs module before updating checkpoint");
    }
    if (!isBlobref(blobref)) {
      throw new CommandError(`invalid blobref specified: ${errnoText(22)}`);
    }
    const value = { version: 1, rootref: blobref, sequence: 0, timestamp: Date.now() / 1000 };
    await handle
      .call(contentBacking.checkpointPut, { value }, { nodeid: 0 })
      .catch(failedToErrno("checkpoint update failed"));
  },
});

async function isKvsLoaded(flux: Flux): Promise<boolean> {
  try {
    await flux.call(kvs.getroot, { namespace: primaryNamespace });
    return true;
  } catch (error) {
    return !isErrno(error, "ENOSYS");
  }
}

export default group({
  name: "checkpoint",
  summary: "Perform checkpoint operations",
  dialect: "A",
  usage: "[OPTIONS]",
  usageName: "flux content checkpoint",
  listing: "usages",
  summaryInUsage: true,
  commands: { list, update },
});
