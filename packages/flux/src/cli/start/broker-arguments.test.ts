import { expect, test } from "vitest";
import { commonArguments, rankArguments, recoveryArguments } from "./broker-arguments.ts";
import { processMapping } from "./clique.ts";

test("brokers get their arguments in flux-core's order, the command only rank 0", () => {
  const common = commonArguments({
    setattr: ["a=1"],
    brokerOpts: ["-v"],
    configPath: "/c",
    conf: ["x.y=1"],
    recovery: recoveryArguments({ statedir: "/s" }),
  });
  expect(common).toEqual([
    "-Sa=1",
    "-v",
    "-Sbroker.recovery-mode=1",
    "-Sbroker.quorum=1",
    "-Sbroker.module-nopanic=1",
    "-Slog-stderr-level=5",
    "-Sstatedir=/s",
    "-c/c",
    "--conf=x.y=1",
  ]);
  const test = { rundir: "/r", hostname: "h", command: ["sh", "-c", "x"] };
  expect(rankArguments(0, test)).toEqual([
    "--setattr=rundir=/r",
    "--setattr=hostname=h",
    "sh",
    "-c",
    "x",
  ]);
  expect(rankArguments(1, { ...test, hostname: undefined })).toEqual(["--setattr=rundir=/r"]);
  expect(recoveryArguments({ dump: "/d.tar" })).toContain("-Scontent.restore=/d.tar");
});

test("brokers are taken to be on one node, on their own, or as a taskmap says", () => {
  expect(processMapping("single", 4)).toBe("(vector,(0,1,4))");
  expect(processMapping("per-broker", 4)).toBe("(vector,(0,4,1))");
  expect(processMapping("none", 4)).toBeUndefined();
  expect(processMapping("[[0,2,2,1]]", 4)).toBe("(vector,(0,2,2))");
  expect(() => processMapping("[[", 4)).toThrow("test-pmi-clique: ");
});
