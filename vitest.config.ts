import { defineConfig } from "vitest/config";

// Two projects: `unit` shares threads for speed; `instance` starts real processes, so it runs in forks
// (threads cannot handle process signals or chdir).
const resolve = { conditions: ["flux-source"] };
const ssr = { resolve: { conditions: ["flux-source"], externalConditions: ["flux-source"] } };

export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: [
            "packages/*/src/**/*.test.ts",
            "test/rfc/**/*.test.ts",
            "test/*.test.ts",
            "test/scenarios/**/*.test.ts",
          ],
          pool: "threads",
          isolate: false,
          // Property tests take seconds on a machine that does other things as well.
          testTimeout: 60_000,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "instance",
          include: ["test/{cli,instance,interop,fault,system}/**/*.test.ts"],
          pool: "forks",
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
