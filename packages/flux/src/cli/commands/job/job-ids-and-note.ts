import { type JobId, parseJobId } from "@flux-ts/protocol/job/fluid";

export interface GivenJob {
  readonly text: string;
  readonly id: JobId;
}

/** Arguments that begin with job ids; the rest is a message, perhaps after `--`. */
export function splitJobIds(words: readonly string[]): {
  jobs: GivenJob[];
  rest: readonly string[];
} {
  const jobs: GivenJob[] = [];
  for (const [i, text] of words.entries()) {
    try {
      jobs.push({ text, id: parseJobId(text) });
    } catch {
      return { jobs, rest: words.slice(i) };
    }
  }
  return { jobs, rest: [] };
}
