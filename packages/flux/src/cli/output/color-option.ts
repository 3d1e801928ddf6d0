import { type Option, text } from "../option.ts";

/** `-L, --color[=WHEN]` of C tools. */
export const colorOption: Option<string | undefined> = text(
  "-L, --color[=WHEN]",
  "Colorize output when supported; WHEN can be 'always' (default if omitted), 'never', or 'auto' (default).",
  { implied: "always", shortTakesValue: true },
);
