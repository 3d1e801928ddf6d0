/** What a follower does about its writes to the leader. */
export type CreditAction = "stop" | "start" | "request";

/**
 * How many more writes the leader of a job wants from a follower. The follower asks for more at the
 * low water mark, and its tasks wait when it has none left.
 */
export class OutputCredit {
  readonly #lwm: number;
  #credits: number;
  #asked = false;
  #stopped = false;

  /** `hwm`: what it has to begin with. */
  constructor({ hwm, lwm }: { readonly hwm: number; readonly lwm: number }) {
    this.#credits = hwm;
    this.#lwm = lwm;
  }

  /** A write was sent. */
  onSent(): CreditAction[] {
    const actions: CreditAction[] = [];
    this.#credits--;
    if (this.#credits <= this.#lwm && !this.#asked) {
      this.#asked = true;
      actions.push("request");
    }
    if (this.#credits <= 0 && !this.#stopped) {
      this.#stopped = true;
      actions.push("stop");
    }
    return actions;
  }

  /** The leader granted more. */
  onGranted(credits: number): CreditAction[] {
    this.#asked = false;
    this.#credits += credits;
    if (!this.#stopped || this.#credits <= 0) return [];
    this.#stopped = false;
    return ["start"];
  }
}
