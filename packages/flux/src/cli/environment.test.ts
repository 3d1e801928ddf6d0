import { expect, test } from "vitest";
import { hide, unhide } from "./environment.ts";

test("settings of Node that the launcher hid come back, and what it told goes", () => {
  const env = { FLUX_TS_HIDDEN_NODE_OPTIONS: "--x", FLUX_TS_LAUNCHER_NOFILE: "1024", HOME: "/" };
  expect(unhide(env)).toEqual({ NODE_OPTIONS: "--x", HOME: "/" });
});

test("another program of ours is started without them", () => {
  expect(hide({ NODE_OPTIONS: "--x", HOME: "/" })).toEqual({
    FLUX_TS_HIDDEN_NODE_OPTIONS: "--x",
    HOME: "/",
  });
});
