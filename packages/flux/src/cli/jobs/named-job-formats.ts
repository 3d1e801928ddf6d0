import type { NamedFormats } from "../output/named-formats.ts";

const start = "{id.f58:>12} ?:{queue:<8.8} +:{username:<8} {name:<10.10+}";
const size = "{ntasks:>6} {nnodes:>6h}";
const end = "{contextual_time!F:>8h} {contextual_info}";

const short = `${start} {status_abbrev:>2.2} ${size} ${end}`;
const long = `${start} {status:>9.9} ${size} {t_submit!d:%b%d %R::>12} {t_remaining!F:>12h} ${end}`;
const deps =
  "{id.f58:>12} ?:{queue:<8.8} {name:<10.10+} {urgency:<3} {priority:<12} {state:<8.8} {dependencies}";

/** Formats of `flux jobs`. */
export const jobsFormats: NamedFormats = {
  default: { description: "Default flux-jobs format string", format: short },
  cute: {
    description: "Cute flux-jobs format string (default with emojis)",
    format: `${start} {status_emoji:>5.5} ${size} ${end}`,
  },
  long: { description: "Extended flux-jobs format string", format: long },
  deps: { description: "Show job urgency, priority, and dependencies", format: deps },
  endreason: {
    description: "Show why each job ended",
    format: `${start} {status_abbrev:>2.2} {t_inactive!d:%b%d %R::>12h} {inactive_reason}`,
  },
};

/** Formats of `flux pgrep`. */
export const pgrepFormats: NamedFormats = {
  default: { description: "Default flux-pgrep format string", format: "{id.f58}" },
  full: { description: "full flux-pgrep format string", format: short },
  long: { description: "Extended flux-pgrep format string", format: long },
  deps: { description: "Show job urgency, priority, and dependencies", format: deps },
};
