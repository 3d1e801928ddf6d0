// `npm run dev`: check types as you type, rebuild the programs, run the tests that a change touches.
import { spawn } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { bin, build, install, root } from "./prepare.mjs";

install();
build();
const children = [
  spawn(bin("tsc"), ["-b", "--watch", "--preserveWatchOutput"], { cwd: root, stdio: "inherit" }),
  spawn(bin("vitest"), ["--project", "unit"], { cwd: root, stdio: "inherit" }),
];
let timer;
for (const name of ["protocol", "client", "flux"]) {
  watch(join(root, "packages", name, "src"), { recursive: true }, () => {
    clearTimeout(timer);
    timer = setTimeout(build, 300);
  });
}
process.on("SIGINT", () => {
  for (const child of children) child.kill("SIGINT");
  process.exit(0);
});
