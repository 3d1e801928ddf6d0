import { Idset } from "@flux-ts/protocol/text/idset";
import { CommandError } from "../usage-error.ts";

export interface RankChoice {
  /** Idset text or `all`: positions within the ranks to choose from. */
  readonly include: string;
  readonly exclude: string | undefined;
  /** `exclude` counts positions, too, rather than ranks: those of a job. */
  readonly isRelative: boolean;
}

/** The ranks of `from` that --rank and --exclude leave. Throws CommandError if none are left. */
export function targetRanks(from: Idset, { include, exclude, isRelative }: RankChoice): Idset {
  const included =
    include === "all" ? undefined : idset(include, `failed to decode idset '${include}'`);
  if (included && (included.last() ?? -1) >= from.size) {
    throw new CommandError(`One or more invalid --ranks specified: ${include}`);
  }
  const excluded = idset(exclude ?? "", "error decoding --exclude idset");
  const chosen = new Idset();
  let position = 0;
  for (const rank of from) {
    const isExcluded = excluded.has(isRelative ? position : rank);
    if (!isExcluded && (included?.has(position) ?? true)) chosen.add(rank);
    position++;
  }
  if (chosen.isEmpty) throw new CommandError("No targets specified");
  return chosen;
}

function idset(text: string, complaint: string): Idset {
  try {
    return Idset.parse(text);
  } catch {
    throw new CommandError(`${complaint}: Invalid argument`);
  }
}
