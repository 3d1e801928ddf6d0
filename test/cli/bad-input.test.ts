// Bad input gets a clear error: what is wrong and with what, a non-zero exit, and nothing changed.

import { spawnSync } from "node:child_process";
import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withFlux } from "./with-flux.ts";

describe.skipIf(notBuilt)("bad input", () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await Instance.start();
  });
  afterAll(() => instance?.[Symbol.asyncDispose]());

  const cases: readonly [command: string, status: number, text: RegExp][] = [
    ["flux jbos", 1, /`jbos' is not a flux command/],
    ["flux jobs --bogus", 2, /unrecognized arguments: --bogus/],
    ["flux job attach --bogus", 1, /unrecognized option '--bogus'/],
    ["flux submit -n foo true", 1, /--ntasks: invalid int value 'foo'/],
    ["flux run -N4 -n2 true", 1, /node count must not be greater than task count/],
    ["flux run -N9 true", 1, /unsatisfiable request: need 9 .* only 1 eligible/],
    ["flux submit -t foo true", 1, /invalid Flux standard duration/],
    ["flux submit --requires='a&&' true", 1, /Unexpected end of input in 'a&&'/],
    ["flux submit --dependency=foo:bar true", 1, /dependency scheme "foo" not supported/],
    ["flux cancel f1234", 1, /ƒ234: unknown job id/],
    ["flux job eventlog f1234", 1, /job f1234 not found/],
    ["flux job attach f1234", 1, /Failed to attach to f1234: No such job/],
    ["flux exec -r 1,0 true", 1, /failed to decode idset '1,0'/],
    ["flux exec -r 5 true", 1, /invalid --ranks specified: 5/],
    ["flux resource drain 'h[1-'", 1, /invalid targets/],
    ["echo xx | flux job submit", 1, /jobspec: invalid JSON/],
    ["echo '{}' | flux job submit", 1, /Missing key \(resources\)/],
    ["flux kvs get nosuch", 1, /nosuch: No such file or directory/],
    ["flux getattr nosuch", 1, /nosuch: No such file or directory/],
    ["flux module load nosuch", 1, /module not found in search path/],
    ["flux start -c /nosuch true", 1, /config path \/nosuch: no such file or directory/],
    ["flux start --conf='a = [\n1' true", 1, /Invalid TOML/],
  ];

  test.each(cases)("%s", async (command, status, text) => {
    const ended = await instance.run("sh", ["-c", withFlux(command)]);
    expect(ended.stderr).toMatch(text);
    expect(ended.status).toBe(status);
    expect(ended.stdout).toBe("");
  });

  test("nothing was submitted or changed by all that", async () => {
    const { stdout } = await instance.run(fluxCommand, [
      "jobs",
      "-a",
      "-n",
      "-o",
      "{name} {result}",
    ]);
    // Only the request that was accepted and could not be satisfied has become a job.
    expect(stdout).toBe("true FAILED\n");
  });

  test("without an instance every command says where it looked", () => {
    const env = { PATH: process.env.PATH, FLUX_URI: "local:///nonexistent/local" };
    for (const command of ["jobs", "uptime", "kvs get a"]) {
      const ended = spawnSync(fluxCommand, command.split(" "), { env, encoding: "utf8" });
      expect(ended.status).toBe(1);
      expect(ended.stderr).toMatch(/broker socket \/nonexistent\/local was not found|flux_open: /);
      expect(ended.stderr.trim().split("\n")).toHaveLength(1);
    }
  });
});
