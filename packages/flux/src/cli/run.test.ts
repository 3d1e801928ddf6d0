import { FluxError } from "@flux-ts/protocol/rpc/error";
import { runInProcess } from "@flux-ts/testing/run-command";
import { expect, test } from "vitest";
import { command, group } from "./command.ts";
import { int } from "./option.ts";
import { CommandError } from "./usage-error.ts";

const declared = {
  name: "greet",
  summary: "say hello",
  args: { who: "[WHO]" },
  options: { times: int("-t, --times=N", "How often", { initial: 1 }) },
} as const;

const greet = (dialect: "A" | "B" | "C", run: () => number | void = () => {}) =>
  command({
    ...declared,
    dialect,
    run({ args, options, out }) {
      out.line(`${args.who ?? "all"} ${options.times}`);
      return run();
    },
  });
const fails = (error: Error) => () => {
  throw error;
};

test("a command gets its arguments and options, and says its exit status", async () => {
  expect(await runInProcess(greet("B"), ["you", "-t2"])).toEqual({
    status: 0,
    out: "you 2\n",
    err: "",
  });
  expect(
    (
      await runInProcess(
        greet("A", () => 3),
        [],
      )
    ).status,
  ).toBe(3);
});

test("misuse: status 1 in C tools, 2 in Python tools, with their words", async () => {
  const a = await runInProcess(greet("A"), ["--nosuch"]);
  expect(a.status).toBe(1);
  expect(a.err).toBe(
    "flux-greet: unrecognized option '--nosuch'\nTry `flux-greet --help' for more information.\n",
  );
  const b = await runInProcess(greet("B"), ["--nosuch"]);
  expect(b.status).toBe(2);
  expect(b.err).toBe(
    "usage: flux-greet [OPTIONS] [WHO]\nflux-greet: error: unrecognized arguments: --nosuch\n",
  );
  const c = await runInProcess(greet("C"), ["--times=x"]);
  expect(c.err).toContain("flux greet: error: argument -t/--times: invalid int value: 'x'\n");
});

test("what goes wrong is told after the command's name", async () => {
  const refused = fails(new FluxError("ENOENT", "no such job"));
  expect(await runInProcess(greet("A", refused), [])).toMatchObject({
    status: 1,
    err: "flux-greet: no such job\n",
  });
  expect(await runInProcess(greet("C", refused), [])).toMatchObject({
    err: "flux-greet: ERROR: no such job\n",
  });
  const special = fails(new CommandError("too many", 4));
  expect(await runInProcess(greet("B", special), [])).toMatchObject({
    status: 4,
    err: "flux-greet: ERROR: too many\n",
  });
});

test("a defect is not hidden", async () => {
  await expect(runInProcess(greet("A", fails(new TypeError("oops"))), [])).rejects.toThrow("oops");
});

test("without an instance, as flux-core says it", async () => {
  const asks = (dialect: "A" | "B") =>
    command({ ...declared, dialect, run: async ({ flux }) => void (await flux()) });
  const connect = () => {
    throw new FluxError("ENOENT", "no broker here");
  };
  expect((await runInProcess(asks("A"), [], { connect })).err).toBe(
    "flux-greet: flux_open: No such file or directory\n",
  );
  expect((await runInProcess(asks("B"), [], { connect })).err).toBe(
    "flux-greet: ERROR: Unable to connect to Flux: no broker here\n",
  );
});

test("help shows options with their values", async () => {
  const { out, err, status } = await runInProcess(greet("B"), ["--help"]);
  expect([status, err]).toEqual([0, ""]);
  expect(out).toContain("  -t, --times=N  How often\n");
  expect((await runInProcess(greet("A"), ["-h"])).err).toContain("Usage: flux-greet");
});

test("a group takes the first word for a subcommand", async () => {
  const words = group({
    name: "words",
    summary: "words",
    dialect: "B",
    commands: { greet: greet("B") },
  });
  expect(await runInProcess(words, ["greet", "you"])).toMatchObject({ out: "you 1\n" });
  const wrong = await runInProcess(words, ["gret"]);
  expect(wrong.status).toBe(2);
  expect(wrong.err).toContain("invalid choice: 'gret' (choose from 'greet')");
});
