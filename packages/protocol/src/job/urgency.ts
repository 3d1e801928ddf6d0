import { FluxError } from "../rpc/error.ts";

/** Job urgency (RFC 30): what the owner of a job thinks of its importance. */
export const Urgency = {
  /** The job waits and gets no resources. */
  HOLD: 0,
  MIN: 0,
  DEFAULT: 16,
  /** The most a guest may ask for. */
  GUEST_MAX: 16,
  /** The job has the highest priority there is. */
  EXPEDITE: 31,
  MAX: 31,
} as const;

/** Range of the priorities that the job manager derives from urgencies (RFC 21). */
export const Priority = { MIN: 0, MAX: 4294967295 } as const;

const names: Readonly<Record<string, number>> = {
  hold: Urgency.HOLD,
  default: Urgency.DEFAULT,
  expedite: Urgency.EXPEDITE,
};

export const isUrgency = (value: number): boolean =>
  Number.isInteger(value) && value >= Urgency.MIN && value <= Urgency.MAX;

/** An urgency from `hold`, `default`, `expedite` or a number in range. EINVAL else. */
export function parseUrgency(text: string): number {
  const named = Object.hasOwn(names, text) ? names[text] : undefined;
  if (named !== undefined) return named;
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!isUrgency(value)) {
    throw new FluxError("EINVAL", `urgency '${text}' is not hold, default, expedite or 0 to 31`);
  }
  return value;
}

/** `job held`, `job expedited` or the number: how tools report an urgency. */
export function urgencyText(urgency: number): string {
  if (urgency === Urgency.HOLD) return "job held";
  return urgency === Urgency.EXPEDITE ? "job expedited" : String(urgency);
}

/** The priority that follows from urgency alone (RFC 30): held lowest, expedited highest. */
export function defaultPriority(urgency: number): number {
  return urgency === Urgency.EXPEDITE ? Priority.MAX : urgency;
}
