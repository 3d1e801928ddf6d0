import type { SubmitOptions } from "@flux-ts/client/job";
import { Urgency } from "@flux-ts/protocol/job/urgency";
import { CommandError } from "../usage-error.ts";

interface RequestOptions {
  readonly urgency: string;
  readonly flags: readonly string[];
}

/** Urgency and flags of a submission, from --urgency and --flags. */
export function requestOptions({ urgency, flags }: RequestOptions): SubmitOptions {
  const named = new Set(flags.flatMap((each) => each.split(",")));
  for (const name of named) {
    if (name !== "debug" && name !== "waitable" && name !== "novalidate") {
      throw new CommandError(`--flags: Unknown flag ${name}`);
    }
  }
  return {
    urgency: urgencyOf(urgency),
    debug: named.has("debug"),
    waitable: named.has("waitable"),
    novalidate: named.has("novalidate"),
  };
}

function urgencyOf(text: string): number {
  switch (text) {
    case "default":
      return Urgency.DEFAULT;
    case "hold":
      return Urgency.HOLD;
    case "expedite":
      return Urgency.EXPEDITE;
    default: {
      const number = /^\s*[-+]?\d+\s*$/.test(text) ? Number(text) : Number.NaN;
      // Whether it is in range is the instance's business.
      if (!Number.isNaN(number)) return number;
      throw new CommandError(`invalid literal for int() with base 10: '${text}'`);
    }
  }
}
