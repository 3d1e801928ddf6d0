// `npm run check`: everything CI runs. Types, lint, all tests; interop needs FLUX_CORE_PREFIX.
import { bin, build, install, run } from "./prepare.mjs";

install();
run(bin("tsc"), ["-b"]);
run(bin("biome"), ["check", "."]);
build();
run(bin("vitest"), ["run", ...process.argv.slice(2)]);
