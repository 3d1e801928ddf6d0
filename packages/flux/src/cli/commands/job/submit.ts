import { readFileSync } from "node:fs";
import { wrapNone } from "@flux-ts/protocol/job/sign";
import { Urgency } from "@flux-ts/protocol/job/urgency";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { JobFlag, jobIngest } from "@flux-ts/protocol/services/job-ingest";
import { command } from "../../command.ts";
import { jobIdText } from "../../job-text.ts";
import { int, list } from "../../option.ts";
import { reasonOf } from "../../submission/key-values.ts";
import { CommandError } from "../../usage-error.ts";

export default command({
  name: "submit",
  summary: "Run job",
  dialect: "A",
  usage: "[OPTIONS] [jobspec]",
  args: { file: "[FILE]" },
  options: {
    urgency: int("-u, --urgency=N", "Set job urgency (0-31), hold=0, default=16, expedite=31", {
      initial: Urgency.DEFAULT,
    }),
    flags: list("-f, --flags=FLAGS", "Set submit comma-separated flags (e.g. debug, waitable)", {
      separator: ",",
    }),
  },
  async run({ args, options, flux, out, stdin, system, env }) {
    const flags = flagsOf(options.flags);
    const handle = await flux();
    const { file = "-" } = args;
    const jobspec = file === "-" ? await stdin.bytes() : read(file);
    if (jobspec.length === 0) throw new CommandError("required jobspec is empty");
    const isSigned = (flags & JobFlag.PreSigned) !== 0;
    const J = isSigned ? new TextDecoder().decode(jobspec).trim() : wrapNone(jobspec, system.uid);
    const { id } = await handle
      .call(jobIngest.submit, { J, urgency: options.urgency, flags: flags & ~JobFlag.PreSigned })
      .catch((error: unknown) => {
        throw error instanceof FluxError ? new CommandError(error.message) : error;
      });
    out.line(jobIdText(id, env, "c"));
  },
});

function flagsOf(names: readonly string[]): number {
  let flags = 0;
  for (const name of names) {
    switch (name) {
      case "debug":
        flags |= JobFlag.Debug;
        break;
      case "waitable":
        flags |= JobFlag.Waitable;
        break;
      case "signed":
        flags |= JobFlag.PreSigned;
        break;
      case "novalidate":
        flags |= JobFlag.NoValidate;
        break;
      default:
        throw new CommandError(`unknown flag: ${name}`);
    }
  }
  return flags;
}

function read(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CommandError(`${path}: ${reasonOf(error)}`);
  }
}
