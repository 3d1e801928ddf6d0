import { Instance, makes } from "./instance.ts";
import { Report } from "./report.ts";
import { bareSpawnLoop } from "./spawn.ts";
import { allInactive, checkSuccess, jobspecText, submitAll } from "./workload.ts";

/**
 * Real jobs per second: /bin/true submitted over one connection without waiting, until all are
 * inactive, with 2 and 16 pretended cores. Usage: `node --conditions=flux-source --import tsx
 * bench/jobs.ts [COUNT [ROUNDS]]`.
 */

const count = Number(process.argv[2] ?? 500);
const rounds = Number(process.argv[3] ?? 2);
const jobspec = jobspecText(["/bin/true"]);
const report = new Report();

for (let round = 0; round < rounds; round++) {
  for (const cores of [2, 16]) {
    for (const make of makes) {
      await using instance = await Instance.start({ make, cores });
      const { flux } = instance;
      // The first jobs find everything cold.
      await submitAll(flux, jobspec, 20);
      await allInactive(flux);
      const cpu = instance.cpuSeconds();
      const begin = performance.now();
      await submitAll(flux, jobspec, count);
      await allInactive(flux);
      const seconds = (performance.now() - begin) / 1000;
      const cpuMs = ((instance.cpuSeconds() - cpu) * 1000) / count;
      await checkSuccess(flux, count + 20);
      report.add(make, {
        name: `${cores} cores`,
        value: count / seconds,
        unit: "jobs/s",
        better: "more",
      });
      report.add(make, {
        name: `${cores} cores, CPU`,
        value: cpuMs,
        unit: "ms/job",
        better: "less",
      });
    }
  }
}
const ceiling = { name: "a bare spawn loop's", value: await bareSpawnLoop(2000) };
report.print(`real jobs, ${count} of /bin/true`, ceiling);
