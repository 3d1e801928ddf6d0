import { list, text } from "../../option.ts";

/** Which resources to tell of, for the subcommands that tell of resources. */
export const filterOptions = {
  include: text(
    "-i, --include=TARGETS",
    "Include only specified targets in output set. TARGETS may be provided as an idset or hostlist.",
  ),
  queue: list("-q, --queue=QUEUE,...", "Include only specified queues in output", {
    separator: ",",
  }),
};

/** What tests use in place of an instance. */
export const inputOptions = {
  fromStdin: {
    spec: "--from-stdin",
    help: "",
    initial: false,
    accept: () => true,
    hidden: true,
  },
  configFile: text("--config-file=FILE", "", { hidden: true }),
};

export const formatHelp =
  "Specify output format using Python's string format syntax or a defined format by name";
export const headerHelp = "Suppress header output";
export const colorHelp = "Use color; WHEN can be 'never', 'always' or 'auto' (default)";
