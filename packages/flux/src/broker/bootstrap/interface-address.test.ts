import { expect, test } from "vitest";
import { type NetworkView, primaryAddress } from "./interface-address.ts";

const network: NetworkView = {
  interfaces: {
    lo: [{ address: "127.0.0.1", family: "IPv4" }],
    eth0: [
      { address: "fe80::1", family: "IPv6" },
      { address: "10.1.2.3", family: "IPv4" },
      { address: "2001:db8::1", family: "IPv6" },
    ],
    ib0: [{ address: "192.168.7.9", family: "IPv4" }],
  },
  routes: "Iface\tDestination\tGateway\nib0\t0007A8C0\t0\neth0\t00000000\t0102010A\n",
  hostAddresses: [{ address: "10.9.9.9", family: "IPv4" }],
};

test("the default route's interface, a name or a CIDR give the address", () => {
  expect(primaryAddress("default-route", network, false)).toBe("10.1.2.3");
  expect(primaryAddress("default-route", network, true)).toBe("2001:db8::1");
  expect(primaryAddress("ib0", network, false)).toBe("192.168.7.9");
  expect(primaryAddress("ib0", network, true)).toBe("192.168.7.9");
  expect(primaryAddress("192.168.0.0/16", network, false)).toBe("192.168.7.9");
  expect(primaryAddress("10.1.2.3/32", network, false)).toBe("10.1.2.3");
});

test("the host's name stands in where there is no default route, and where it is asked for", () => {
  expect(primaryAddress("default-route", { ...network, routes: "" }, false)).toBe("10.9.9.9");
  expect(primaryAddress("hostname", network, false)).toBe("10.9.9.9");
});

test("a hint that fits nothing is ENOENT", () => {
  for (const hint of ["eth7", "172.16.0.0/12", "10.0.0.0/99", ""]) {
    expect(() => primaryAddress(hint, network, false)).toThrow("could not find address");
  }
});
