import { hostname } from "node:os";
import { expect, test } from "vitest";
import { nearbyUri } from "./nearby-uri.ts";

test("an instance on this host is reached by its socket", () => {
  expect(nearbyUri(`ssh://${hostname()}/tmp`, {})).toBe("local:///tmp");
});

test("another host needs ssh, and what is local stays so", () => {
  expect(nearbyUri("ssh://elsewhere/tmp", {})).toBe("ssh://elsewhere/tmp");
  expect(nearbyUri("local:///tmp", {})).toBe("local:///tmp");
});

test("FLUX_URI_RESOLVE_LOCAL makes every instance a local one", () => {
  expect(nearbyUri("ssh://elsewhere/run/flux", { FLUX_URI_RESOLVE_LOCAL: "t" })).toBe(
    "local:///run/flux",
  );
});
