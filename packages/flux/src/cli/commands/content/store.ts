import { encodeBlobref, isHashName } from "@flux-ts/protocol/kvs/blobref";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { content } from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { command } from "../../command.ts";
import { failedTo, failedToErrno } from "../../errors.ts";
import { flag, int } from "../../option.ts";
import { UsageError } from "../../usage-error.ts";

export default command({
  name: "store",
  summary: "Store blob from stdin, print BLOBREF(s) on stdout",
  dialect: "A",
  usageName: "flux content store",
  usage: "[OPTIONS]",
  options: {
    bypassCache: flag("-b, --bypass-cache", "Store directly to rank 0 content service"),
    chunksize: int("--chunksize=N", "Limit blob size to N bytes with 0=unlimited (default 0)", {
      initial: 0,
    }),
  },
  async run({ options, flux, out, stdin }) {
    const { chunksize, bypassCache } = options;
    if (chunksize < 0) throw new UsageError("", "help");
    const handle = await flux();
    const name = await handle.attr("content.hash").catch(failedToErrno("getattr content.hash"));
    if (!isHashName(name)) throw new FluxError("EINVAL", `${name}: unknown hash type`);
    const bytes = await stdin.bytes();
    const step = chunksize || Math.max(1, bytes.length);
    for (let offset = 0; offset === 0 || offset < bytes.length; offset += step) {
      const blob = bytes.subarray(offset, offset + step);
      const digest = await (bypassCache
        ? handle.call(contentBacking.store, blob, { nodeid: 0 })
        : handle.call(content.store, blob)
      ).catch(failedTo("error storing blob"));
      out.line(encodeBlobref(name, digest));
    }
  },
});
