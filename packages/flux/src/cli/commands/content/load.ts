import { parseBlobref } from "@flux-ts/protocol/kvs/blobref";
import { content } from "@flux-ts/protocol/services/content";
import { contentBacking } from "@flux-ts/protocol/services/content-backing";
import { command } from "../../command.ts";
import { failedTo, failedToErrno } from "../../errors.ts";
import { flag } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "load",
  summary: "Concatenate blobs stored under BLOBREF(s) to stdout",
  dialect: "A",
  usageName: "flux content load",
  usage: "[OPTIONS] BLOBREF ...",
  args: { blobrefs: "[BLOBREF...]" },
  options: {
    bypassCache: flag("-b, --bypass-cache", "Load directly from rank 0 content service"),
  },
  async run({ args, options, flux, out, stdin }) {
    const handle = await flux();
    const load = async (blobref: string): Promise<void> => {
      const { digest } = digestOf(blobref);
      const bytes = await (options.bypassCache
        ? handle.call(contentBacking.load, digest, { nodeid: 0 })
        : handle.call(content.load, digest)
      ).catch(failedTo("error loading blob"));
      out.write(bytes);
    };
    if (args.blobrefs.length > 0) {
      for (const blobref of args.blobrefs) await load(blobref);
      return;
    }
    let count = 0;
    for await (const line of stdin.lines()) {
      await load(line);
      count++;
    }
    if (count === 0) throw new CommandError("no blobrefs were specified");
  },
});

function digestOf(blobref: string) {
  try {
    return parseBlobref(blobref);
  } catch (error) {
    return failedToErrno("error loading blob")(error);
  }
}
