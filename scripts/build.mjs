// Builds what runs: `packages/flux/dist/cli/NAME.cjs` for each command, and the broker's, the shell's
// and the module thread's programs. CommonJS, since Node starts it about 10 ms sooner than modules.
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "packages/flux/src");
const dist = join(root, "packages/flux/dist");

/** Native packages stay where npm put them. */
const external = [/^koffi$/, /^zeromq/, /^@photostructure\/sqlite/, /^lz4-wasm-nodejs$/, /^node:/];

const entryPrefix = "flux-command:";

/** A command's program: its file, run by `enter`. `main` is `flux` itself. */
const commandEntries = {
  name: "command-entries",
  resolveId: (id) => (id.startsWith(entryPrefix) ? `\0${id}` : null),
  load(id) {
    if (!id.startsWith(`\0${entryPrefix}`)) return null;
    const name = id.slice(entryPrefix.length + 1);
    const cli = join(source, "cli");
    if (name === "main") return `import { start } from "${cli}/main.ts"; void start();`;
    return `import { enter } from "${cli}/entry.ts";
import command from "${cli}/commands/${name}.ts";
void enter(command, process.argv.slice(2));`;
  },
};

/** With `--partial`, a file that does not exist yet becomes one that says so when it is needed. */
const missingFiles = {
  name: "missing-files",
  resolveId(id, importer) {
    if (!id.startsWith(".") || !importer?.startsWith(source)) return null;
    const file = resolve(dirname(importer), id);
    return existsSync(file) ? null : `\0missing:${file}`;
  },
  load(id) {
    if (!id.startsWith("\0missing:")) return null;
    return `throw new Error(${JSON.stringify(`${id.slice(9)} is not there`)}); export default {};`;
  },
};
const isPartial = process.argv.includes("--partial");

const common = {
  platform: "node",
  external,
  resolve: { conditionNames: ["flux-source", "node", "import", "default"] },
  transform: { target: "node20" },
};

const output = {
  format: "cjs",
  entryFileNames: "[name].cjs",
  // Not minified: a stack trace from a user must be readable, and it saves under a millisecond.
  minify: false,
};

/** Chunks are named by their content. Old ones stay a while: a process that runs may still load them. */
const keepChunksMs = 3_600_000;

function removeOldChunks(folder) {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name);
    if (Date.now() - statSync(file).mtimeMs > keepChunksMs) rmSync(file, { force: true });
  }
}

async function build(input, plugins, dir, chunkFileNames) {
  const bundle = await rolldown({
    ...common,
    input,
    plugins: isPartial ? [...plugins, missingFiles] : plugins,
    shimMissingExports: isPartial,
    onLog(level, log, print) {
      // `flux help` knows all commands, itself included.
      if (log.code !== "INEFFECTIVE_DYNAMIC_IMPORT") print(level, log);
    },
  });
  await bundle.write({ ...output, dir, chunkFileNames });
  await bundle.close();
}

const names = readdirSync(join(source, "cli/commands"))
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .map((file) => basename(file, ".ts"));
const cli = join(dist, "cli");
removeOldChunks(join(cli, "chunks"));
// Each for itself, with what it shares with others: to find and open a file costs Node 0.3 ms.
for (const name of ["main", ...names]) {
  const input = { [name]: `${entryPrefix}${name}` };
  await build(input, [commandEntries], cli, `chunks/${name}-[name]-[hash].cjs`);
}

const programs = {
  broker: join(source, "broker/main.ts"),
  shell: join(source, "shell/main.ts"),
  "module-thread": join(source, "broker/hosts/thread-entry.ts"),
};
const present = Object.entries(programs).filter(([, file]) => existsSync(file));
if (present.length > 0) {
  removeOldChunks(join(dist, "chunks"));
  await build(Object.fromEntries(present), [], dist, "chunks/[name]-[hash].cjs");
}
console.log(
  `built ${names.length} commands and ${present.map(([name]) => name).join(", ") || "no programs"}`,
);
