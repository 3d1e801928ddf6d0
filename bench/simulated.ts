import { Instance, makes } from "./instance.ts";
import { Report } from "./report.ts";
import { allInactive, simulatedText, submitAll } from "./workload.ts";

/**
 * Jobs with simulated execution per second, as finished jobs accumulate: what the services cost without
 * any process. Usage: `node --conditions=flux-source --import tsx bench/simulated.ts [COUNT...]`, counts
 * ascending; flux-core, where there is one, does the first only.
 */

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [1000, 10_000];
const batch = 1000;
const jobspec = simulatedText();
const report = new Report();

for (const make of makes) {
  await using instance = await Instance.start({ make, cores: 16 });
  const { flux } = instance;
  const steps = make === "flux-core" ? counts.slice(0, 1) : counts;
  let done = 0;
  for (const count of steps) {
    let rate = 0;
    for (; done < count; done += batch) {
      const begin = performance.now();
      await submitAll(flux, jobspec, batch);
      await allInactive(flux);
      rate = (batch * 1000) / (performance.now() - begin);
    }
    const name = `the last ${batch} of ${count}`;
    report.add(make, { name, value: rate, unit: "jobs/s", better: "more" });
    const { pss } = instance.memory();
    report.add(make, {
      name: `leader after ${count}`,
      value: pss,
      unit: "MiB PSS",
      better: "less",
    });
  }
}
report.print("simulated jobs, 16 cores");
