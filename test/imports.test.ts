// Who may import whom: the architecture (ARCHITECTURE.md) as one table. The build fails when a part
// reaches where it must not.

import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, test } from "vitest";
import { root, sourceFiles } from "./sources.ts";

/** Parts, longest path first, and what each may import besides itself. `node:` is named like a part. */
const parts: readonly [path: string, mayImport: readonly string[]][] = [
  ["packages/protocol/src", []],
  ["packages/client/src", ["packages/protocol/src", "node:"]],
  ["packages/flux/src/scheduler", ["packages/protocol/src"]],
  [
    "packages/flux/src/overlay",
    ["packages/protocol/src", "packages/client/src", "node:", "zeromq"],
  ],
  ["packages/flux/src/native", ["packages/protocol/src", "packages/client/src", "node:", "koffi"]],
  ["packages/flux/src/plugins", ["packages/protocol/src", "packages/client/src", "node:"]],
  [
    "packages/flux/src/subprocess",
    ["packages/protocol/src", "packages/client/src", "packages/flux/src/native", "node:"],
  ],
  [
    "packages/flux/src/shell",
    [
      "packages/protocol/src",
      "packages/client/src",
      "packages/flux/src/subprocess",
      "packages/flux/src/plugins",
      "packages/flux/src/native",
      "node:",
    ],
  ],
  [
    "packages/flux/src/cli",
    [
      "packages/protocol/src",
      "packages/client/src",
      "packages/flux/src/plugins",
      "node:",
      "commander",
      "smol-toml",
      "yaml",
    ],
  ],
  [
    "packages/flux/src/broker",
    [
      "packages/protocol/src",
      "packages/client/src",
      "packages/flux/src/overlay",
      "packages/flux/src/plugins",
      "packages/flux/src/native",
      "node:",
      "commander",
      "smol-toml",
    ],
  ],
];

/** What a module of the broker may import; never the broker, never another module. */
const moduleImports = [
  "packages/protocol/src",
  "packages/client/src",
  "packages/flux/src/subprocess",
  "packages/flux/src/plugins",
  "packages/flux/src/scheduler",
  "packages/flux/src/native",
  "node:",
];

/** The one file of the broker that names the modules. */
const builtins = "packages/flux/src/broker/builtins.ts";

/** Packages that exactly one file may import: everything else goes through it. */
const single: Readonly<Record<string, string>> = {
  zeromq: "packages/flux/src/overlay/socket.ts",
  koffi: "packages/flux/src/native/koffi.ts",
  "@photostructure/sqlite": "packages/flux/src/modules/content-sqlite/sql-database.ts",
  "lz4-wasm-nodejs": "packages/flux/src/modules/content-sqlite/compression.ts",
};

const modulesRoot = "packages/flux/src/modules/";

function partOf(file: string): string | undefined {
  if (file.startsWith(modulesRoot)) {
    return modulesRoot + file.slice(modulesRoot.length).split("/")[0];
  }
  return parts.find(([path]) => file.startsWith(`${path}/`))?.[0];
}

function allowed(part: string): readonly string[] {
  if (part.startsWith(modulesRoot)) return [...moduleImports, ...Object.keys(single)];
  return parts.find(([path]) => path === part)?.[1] ?? [];
}

const importPattern =
  /^(?:import|export)\b[^"';]*?\bfrom\s+"([^"]+)"|^import\s+"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)/gm;

function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

/** The file, `node:` or package that a specifier means. */
function target(file: string, specifier: string): string {
  if (specifier.startsWith("node:")) return "node:";
  if (specifier.startsWith(".")) return relative(root, join(root, dirname(file), specifier));
  if (specifier.startsWith("@flux-ts/protocol")) return "packages/protocol/src/x";
  if (specifier.startsWith("@flux-ts/client")) return "packages/client/src/x";
  return specifier.startsWith("@")
    ? specifier.split("/").slice(0, 2).join("/")
    : specifier.split("/")[0]!;
}

function violations(file: string): string[] {
  const part = partOf(file);
  if (!part) return [];
  const may = allowed(part);
  return importsOf(file).flatMap((specifier) => {
    const to = target(file, specifier);
    const only = single[to];
    if (only && only !== file) return [`${file} imports ${to}: only ${only} may`];
    if (to === "node:" || !to.includes("/src/")) {
      return may.includes(to) ? [] : [`${file} imports ${specifier}`];
    }
    if (to.startsWith(`${part}/`) || may.some((path) => to.startsWith(`${path}/`))) return [];
    if (file === builtins && to.startsWith(modulesRoot)) return [];
    return [`${file} imports ${specifier}`];
  });
}

test("every part imports only what the architecture allows", () => {
  const files = sourceFiles().filter((file) => !file.endsWith(".test.ts"));
  expect(files.flatMap(violations)).toEqual([]);
});
