import { FluxError } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { childEnvironment } from "./child-environment.ts";
import { commandJson, commandName, logName, parseCommand } from "./command.ts";
import { streamOptions } from "./stream-options.ts";

const valid = { cmdline: ["hostname"], env: { A: "b" }, opts: {}, channels: [] };

function errorOf(json: unknown): FluxError {
  try {
    parseCommand(json);
  } catch (error) {
    if (error instanceof FluxError) return error;
  }
  throw new Error("accepted");
}

test("RFC 42's example is a command, and comes back as it was", () => {
  const json = { ...valid, cwd: "/home/test", label: "x" };
  expect(commandJson(parseCommand(json))).toEqual({ ...json, msgchan: [] });
});

test.each([
  ["cmdline", 1],
  ["env", { A: 1 }],
  ["opts", undefined],
  ["channels", [1]],
  ["label", 5],
  ["msgchan", [{ name: "X" }]],
])("a command whose %s is %j is refused with EPROTO", (member, value) => {
  const error = errorOf({ ...valid, [member]: value });
  expect(error.code).toBe("EPROTO");
  expect(error.message).toMatch(/^error parsing command string: cmd/);
  expect(error.message).toContain(member);
});

test("a command without words, an empty label and twice the same channel are refused", () => {
  expect(errorOf({ ...valid, cmdline: [] }).message).toBe("command string is empty");
  expect(errorOf({ ...valid, label: "" }).code).toBe("EPROTO");
  expect(errorOf({ ...valid, channels: ["A", "A"] }).code).toBe("EEXIST");
  expect(errorOf({ ...valid, channels: ["stdout"] }).code).toBe("EEXIST");
  expect(errorOf({ ...valid, channels: ["A=B"] }).code).toBe("EINVAL");
});

test("a flux command is listed with its subcommand; log lines use the label or the file name", () => {
  const named = (cmdline: string[], label?: string) => ({ ...valid, cmdline, label });
  expect(commandName(named(["flux", "module-exec"]))).toBe("flux module-exec");
  expect(commandName(named(["/bin/ls", "-l"]))).toBe("/bin/ls");
  expect(logName(named(["/bin/ls"]))).toBe("ls");
  expect(logName(named(["/bin/ls"], "lister"))).toBe("lister");
});

test("streams are line buffered with 4 MiB, unless options say otherwise", () => {
  expect(streamOptions({}, "stdin")).toEqual({ lineBuffered: true, bufferBytes: 4_194_304 });
  const opts = { stdin_BUFSIZE: "64K", stdout_LINE_BUFFER: "False", X_BUFSIZE: "0x10" };
  expect(streamOptions(opts, "stdin").bufferBytes).toBe(65_536);
  expect(streamOptions(opts, "stdout").lineBuffered).toBe(false);
  expect(streamOptions(opts, "X").bufferBytes).toBe(16);
  expect(streamOptions({ X_BUFSIZE: "1.5M" }, "X").bufferBytes).toBe(1_572_864);
  for (const size of ["0", "-1", "", "4 apples", "1Z"]) {
    expect(() => streamOptions({ X_BUFSIZE: size }, "X")).toThrow(`buffer size ${size} `);
  }
  expect(() => streamOptions({ X_BUFSIZE: "3G" }, "X")).toThrow("too large");
  expect(() => streamOptions({ X_LINE_BUFFER: "maybe" }, "X")).toThrow("X_LINE_BUFFER=maybe");
});

test("a child's FLUX_URI is the local broker, and what belongs to the server is not passed on", () => {
  const env = { FLUX_URI: "ssh://else", NOTIFY_SOCKET: "x", INVOCATION_ID: "y", HOME: "/root" };
  expect(childEnvironment({ ...env, FLUX_PROXY_REMOTE: "z" }, "local:///here")).toEqual({
    FLUX_URI: "local:///here",
    HOME: "/root",
  });
});
