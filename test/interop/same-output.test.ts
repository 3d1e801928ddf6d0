import { fluxCoreCommand, noFluxCore } from "@flux-ts/testing/flux-core";
import { type Ended, fluxCommand, Instance } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Jobs of each kind that ends: ids take the place of `JOB0`, `JOB1` ... in the commands. */
const seeds: string[][] = [
  ["submit", "--wait", "echo", "hello"],
  [
    "submit",
    "--wait",
    "-N2",
    "-n4",
    "--job-name=named",
    "-t",
    "10m",
    "sh",
    "-c",
    "echo $FLUX_TASK_RANK",
  ],
  ["submit", "--wait", "sh", "-c", "echo oops >&2; exit 3"],
  ["submit", "--wait", "sh", "-c", "kill -TERM $$"],
  ["submit", "--urgency=hold", "true"],
  ["submit", "--dependency=afterok:JOB4", "true"],
];

/** What both commands are asked; blanks separate arguments. */
const cases: string[] = [
  "jobs -a",
  "jobs -A",
  "jobs",
  "jobs -f failed",
  "jobs -f pending,completed -c 2",
  "jobs -a -o long",
  "jobs -a -o deps",
  "jobs -a -o cute",
  "jobs -a -o endreason",
  "jobs -n -a -o {id.f58:>20} {id.dec} {id.hex} {id.words} {id.kvs} {id.dothex}",
  "jobs -n -a -o {name:^10.4} {status_abbrev!u} {result} {returncode} {success} {waitstatus}",
  "jobs -n -a -o {t_submit!d:%H:%M} {duration!F} {runtime:.1f} {ranks} {nodelist} {ntasks:04d}",
  "jobs -n -a -o {exception.occurred} {exception.type} {exception.note} {dependencies}",
  "jobs -a --sort=-t_submit,name",
  "jobs -a --name=named",
  "jobs --stats-only",
  "jobs --stats -a",
  "jobs --json JOB0",
  "jobs JOB1 JOB2",
  "jobs f1",
  "jobs -f nonsense",
  "jobs -o {nonsense}",
  "jobs -o {id",
  "jobs --since=-1h",
  "job last [:]",
  "job last 2",
  "job id --to=words JOB0",
  "job id --to=emoji JOB0",
  "job id nonsense",
  "job info JOB1 jobspec",
  "job info JOB1 R",
  "job info JOB0 eventlog",
  "job info JOB0 nonsense",
  "job info f1 jobspec",
  "job eventlog JOB1",
  "job eventlog -H JOB1",
  "job eventlog --format=json JOB1",
  "job eventlog --time-format=offset JOB2",
  "job eventlog -p exec JOB1",
  "job eventlog -p output JOB0",
  "job eventlog f1",
  "job wait-event JOB0 start",
  "job wait-event -f json JOB0 finish",
  "job wait-event JOB0 nonsense",
  "job wait-event --match-context=status=0 JOB0 finish",
  "job wait-event -t 0.1 JOB4 start",
  "job status JOB0",
  "job status JOB2",
  "job status -v JOB0 JOB2 JOB3",
  "job status --json JOB2",
  "job attach JOB0",
  "job attach --label-io JOB1",
  "job attach JOB2",
  "job attach JOB3",
  "job attach f1",
  "job stats",
  "job timeleft",
  "job taskmap JOB1",
  "job taskmap --to=hosts JOB1",
  "job taskmap --nodeid=3 JOB1",
  "job list-ids JOB0",
  "job wait JOB0",
  "job raise JOB0",
  "job kill JOB0",
  "job urgency JOB0 5",
  "job urgency JOB4 99",
  "job memo f1 a=b",
  "job nonsense",
  "cancel f1",
  "cancel nonsense",
  "cancel JOB0",
  "resource list",
  "resource list -v",
  "resource list -s all -o rlist",
  "resource list -s free,down -n -o {state} {nnodes} {ncores} {nodelist} {rlist}",
  "resource list -s nonsense",
  "resource list -i 0",
  "resource list -i nonsense",
  "resource status",
  "resource status -s all",
  "resource status -n -o {state} {nnodes} {ranks} {reason}",
  "resource status -o nonsense",
  "resource info",
  "resource info -i 1",
  "resource R",
  "resource R -i 0",
  "resource drain",
  "resource drain 99 why",
  "resource undrain 0",
  "queue list",
  "queue list -o {queue} {enabled} {started} {defaults.timelimit} {limits.range.nnodes}",
  "queue status",
  "queue status -v",
  "queue status nonsense",
  "queue stop nonsense",
  "kvs dir",
  "kvs dir -R -d dir",
  "kvs dir -R dir",
  "kvs dir -w 40 -R dir",
  "kvs dir none",
  "kvs ls",
  "kvs ls -F dir",
  "kvs ls -R1 dir",
  "kvs ls -d dir.sub",
  "kvs ls none",
  "kvs get dir.int dir.text dir.real dir.array dir.sub.object",
  "kvs get -j dir.int",
  "kvs get --raw dir.text",
  "kvs get --treeobj dir.int",
  "kvs get -l dir.int dir.text",
  "kvs get none",
  "kvs get dir",
  "kvs get dir.int.below",
  "kvs readlink dir.link",
  "kvs readlink -o -b dir.link",
  "kvs readlink dir.int",
  "kvs version",
  "kvs getroot --sequence",
  "kvs getroot --owner",
  "kvs getroot --namespace=none",
  "kvs put dir.bad",
  "kvs unlink none",
  "kvs unlink dir.sub",
  "kvs unlink -f none",
  "kvs mkdir dir.int.below",
  "kvs namespace list",
  "kvs namespace create primary",
  "kvs namespace remove none",
  "kvs eventlog get log",
  "kvs eventlog get -u log",
  "kvs eventlog get none",
  "kvs eventlog append log",
  "kvs eventlog wait-event -v log second",
  "kvs nonsense",
  "kvs",
  "getattr size",
  "getattr none",
  "getattr",
  "setattr size 5",
  "setattr only-name",
  "module remove none",
  "module load none",
  "module stats none",
  "module stats --parse=jobs.inactive job-list",
  "module nonsense",
  "ping --count=1 none",
  "ping --count=1 99",
  "ping",
  "dmesg --nonsense",
  "event pub",
  "logger",
  "exec -r 0-1 -l echo hello",
  "exec -r 1 sh -c exit\t3",
  "exec -r 99 true",
  "exec -x 0 -n true",
  "submit",
  "submit --nonsense true",
  "submit -n0 true",
  "submit -N3 true",
  "submit -n 1000 -N 2 --dry-run -t 5 -q x true a b",
  "submit --dry-run --setattr=a.b=1 -o c.d=[1,2] --env-remove=* --cwd=/ -N2 -n4 -c2 -g1 true",
  "submit --dry-run --env-remove=* --cwd=/ --cores=4 --tasks-per-core=2 true",
  "submit --dry-run --env-remove=* --cwd=/ --urgency=5 --dependency=afterany:123 --requires=host:a true",
  "submit --dry-run --env-remove=* --cwd=/ --begin-time=@5 true",
  "submit --cc=1-2 --dry-run true",
  "submit --urgency=99 true",
  "submit -t nonsense true",
  "submit --flags=nonsense true",
  "submit --dependency=nonsense true",
  "submit --queue=nonsense true",
  "submit --requires=(a true",
  "run -n2 --label-io echo hi",
  "run sh -c exit\t7",
  "run /does/not/exist",
  "run --cwd=/nonexistent pwd",
  "run -N2 -n2 --label-io printenv FLUX_TASK_LOCAL_ID",
  "run -n3 --taskmap=cyclic --label-io printenv FLUX_TASK_RANK",
  "run --output=/dev/null echo hidden",
  "uptime nonsense",
  "version extra",
  "shutdown --nonsense",
  "nonsense",
  "job",
  "resource",
  "queue",
];

/** Without what differs from run to run: times, ids, the order in which tasks were heard. */
function settled(text: string): string {
  const lines = text.startsWith("{") ? jsonLines(text) : text;
  return lines
    .replace(/\d{10}\.\d+/g, "TIME")
    .replace(/ƒ[1-9A-Za-z]+|\bf[1-9A-HJ-NP-Za-km-z]{5,}\b/g, "ID")
    .replace(/\d+\.\d+s\b/g, "SECONDS")
    .replace(/^ \d\d:\d\d:\d\d /, "CLOCK")
    .replace(/^(build-options:\s+).*/m, "$1")
    .replace(/^((\d+|SECONDS|flux-job): .*\n)+/gm, sorted);
}

function sorted(text: string): string {
  return text
    .split(/(?<=\n)/)
    .sort()
    .join("");
}

/** Blanks and order mean nothing in JSON; the environment of these tests is not compared. */
function jsonLines(text: string): string {
  return text.replace(/^\{.*$/gm, (line) => JSON.stringify(JSON.parse(line), inOrder));
}

function inOrder(key: string, value: unknown): unknown {
  if (key === "environment") return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(noFluxCore !== undefined)("both commands say the same", () => {
  let instance: Instance;
  const jobs: string[] = [];
  const filled = (text: string): string => text.replace(/JOB(\d)/g, (_all, index) => jobs[index]!);
  beforeAll(async () => {
    instance = await Instance.start({ size: 2, args: ["--test-hosts=node[0-1]"] });
    for (const seed of seeds) {
      const { stdout } = await instance.run(fluxCoreCommand, seed.map(filled));
      jobs.push(stdout.trim());
    }
    const put = (...args: string[]): Promise<string> =>
      instance.flux(["kvs", ...args], fluxCoreCommand);
    await put("put", "dir.int=1", "dir.text=text", "dir.real=2.5", "dir.array=[1,2]");
    await put("put", 'dir.sub.object={"a":{"b":null}}');
    await put("link", "dir.sub", "dir.link");
    await put("eventlog", "append", "--timestamp=1", "log", "first");
    await put("eventlog", "append", "--timestamp=2", "log", "second", '{"a":1}');
  });
  afterAll(() => instance?.stop());

  test.each(cases)("flux %s", async (line) => {
    const args = line.split(" ").map((arg) => filled(arg).replaceAll("\t", " "));
    const said = async (command: string): Promise<Ended> => {
      const { status, stdout, stderr } = await instance.run(command, args);
      return { status, stdout: settled(stdout), stderr: settled(stderr) };
    };
    expect(await said(fluxCommand)).toEqual(await said(fluxCoreCommand));
  });
});
