// `npm start`: from a fresh clone to a finished parallel job, and what to try next.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, install, root } from "./prepare.mjs";

install();
build();

const flux = join(root, "bin/flux");
const script = `
echo "An instance of $(flux getattr size) brokers is up, with $(flux resource info)."
echo
echo '$ flux run -N4 -n8 --label-io hostname'
flux run -N4 -n8 --label-io hostname
echo
echo '$ flux submit --cc=1-3 sleep 0.1; flux jobs -a'
flux submit --wait --quiet --cc=1-3 sleep 0.1
flux jobs -a
`;
const { status } = spawnSync(flux, ["start", "--test-size=4", "sh", "-c", script], {
  stdio: "inherit",
});
if (status === 0) {
  console.log(`
It works. Next:
  bin/flux start                       a shell in an instance on this machine
  bin/flux start -s4 YOUR-SCRIPT       an instance of 4 brokers for the time of a script
  bin/flux run -n4 --label-io COMMAND  (inside) run a parallel program
  bin/flux submit COMMAND; bin/flux jobs -a
  bin/flux help                        all commands
`);
}
process.exit(status ?? 1);
