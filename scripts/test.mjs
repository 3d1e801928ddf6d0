// `npm test`: types, lint, unit and RFC tests. Arguments go to vitest.
import { bin, build, install, run } from "./prepare.mjs";

install();
run(bin("tsc"), ["-b"]);
run(bin("biome"), ["check", "."]);
build();
run(bin("vitest"), ["run", "--project", "unit", ...process.argv.slice(2)]);
