import { moduleDefaults } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag, value } from "../../option.ts";
import { CommandError, UsageError } from "../../usage-error.ts";

export default command({
  name: "debug",
  summary: "Get/set module debug flags",
  dialect: "A",
  usage: "[OPTIONS] module",
  args: { module: "[MODULE]" },
  options: {
    clear: flag("-C, --clear", "Set debug flags to 0"),
    set: value("-S, --set=MASK", "Set debug flags to MASK", mask),
    setbit: value("-s, --setbit=MASK", "Set one debug flag to 1", mask),
    clearbit: value("-c, --clearbit=MASK", "Set one debug flag to 0", mask),
  },
  async run({ args, options, flux, out }) {
    if (args.module === undefined) throw new CommandError("flux-debug requires service argument");
    const { debug } = moduleDefaults(args.module);
    const handle = await flux();
    const response = await handle.call(debug, change(options)).catch(failedToErrno(debug.topic));
    out.line(`0x${response.flags.toString(16)}`);
  },
});

interface Changes {
  readonly clear: boolean;
  readonly set: number | undefined;
  readonly setbit: number | undefined;
  readonly clearbit: number | undefined;
}

function change({ clear, set, setbit, clearbit }: Changes): { op: string; flags: number } {
  if (clear) return { op: "clr", flags: 0 };
  if (set !== undefined) return { op: "set", flags: set };
  if (setbit !== undefined) return { op: "setbit", flags: setbit };
  if (clearbit !== undefined) return { op: "clrbit", flags: clearbit };
  return { op: "setbit", flags: 0 };
}

/** Decimal, `0x` hexadecimal or `0` octal. */
function mask(given: string): number {
  const number = /^0[0-7]+$/.test(given) ? Number.parseInt(given, 8) : Number(given);
  if (!Number.isInteger(number)) throw new UsageError(`'${given}' is not a number`, "none");
  return number;
}
