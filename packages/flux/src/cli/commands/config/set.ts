import { dottedValue, setDotted } from "@flux-ts/protocol/job/dotted-path";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { command } from "../../command.ts";
import { text } from "../../option.ts";
import { CommandError } from "../../usage-error.ts";
import { configToChange, storeConfig } from "./live-config.ts";
import { typeNamed, typeOf, valueFrom } from "./value-type.ts";

export default command({
  name: "set",
  summary: "Set broker configuration value",
  dialect: "A",
  prog: "flux-config",
  builtin: true,
  usage: "[OPTIONS] NAME VALUE",
  args: { name: "NAME", value: "VALUE" },
  options: {
    type: text(
      "-t, --type=TYPE",
      "Specify type (string, integer, real, boolean, object, array, fsd)",
    ),
  },
  async run({ args, options, flux }) {
    const given = options.type === undefined ? undefined : typeNamed(options.type);
    if (given === "fsd-integer" || given === "fsd-real") {
      throw new CommandError(`Invalid type for the set subcommand: ${options.type}`);
    }
    const handle = await flux();
    const all = await configToChange(handle);
    const present = dottedValue(all, args.name);
    const type = given ?? (present === undefined ? undefined : typeOf(present));
    if (!type) throw new CommandError("Type is unknown, please specify --type");
    try {
      setDotted(all, args.name, valueFrom(args.value, type));
    } catch (error) {
      if (error instanceof FluxError) throw new CommandError("Error updating config object");
      throw error;
    }
    await storeConfig(handle, all);
  },
});
