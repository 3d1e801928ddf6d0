import type { Make } from "./instance.ts";

/** One measured value: how much, in what unit, and whether more of it is better. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly better: "more" | "less";
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
};

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toPrecision(2);

/** Collects measures of several rounds, A B A B, and prints the medians with their ratio. */
export class Report {
  /** Values by measure, then by make. */
  readonly #rows = new Map<string, { measure: Measure; values: Map<Make | "spawn", number[]> }>();

  add(make: Make | "spawn", measure: Measure): void {
    const row = this.#rows.get(measure.name) ?? { measure, values: new Map() };
    this.#rows.set(measure.name, row);
    row.values.set(make, [...(row.values.get(make) ?? []), measure.value]);
  }

  /** `ceiling`: what to compare with when there is no flux-core, such as bare spawns per second. */
  print(title: string, ceiling?: { readonly name: string; readonly value: number }): void {
    console.log(`\n${title}`);
    for (const [name, { measure, values }] of this.#rows) {
      const ours = median(values.get("flux-ts") ?? []);
      const theirs = values.get("flux-core");
      const cells = [`flux-ts ${shown(ours)}`];
      if (theirs) {
        const other = median(theirs);
        const ratio = measure.better === "more" ? ours / other : other / ours;
        cells.push(`flux-core ${shown(other)}`, `${ratio.toFixed(2)} times as good`);
      } else if (ceiling && measure.better === "more") {
        cells.push(
          `${(ours / ceiling.value).toFixed(2)} of ${ceiling.name} ${shown(ceiling.value)}`,
        );
      }
      console.log(`  ${`${name} (${measure.unit})`.padEnd(44)}${cells.join("   ")}`);
    }
  }
}
