import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { isErrno } from "@flux-ts/protocol/rpc/error";
import { expect, test } from "vitest";
import { affinity, setAffinity, withAffinity } from "./affinity.ts";
import { fdOf, peerCredential, peerCredentialOfFd } from "./peer-credential.ts";
import { closeFd, openSocketPair, socketOf } from "./pipe.ts";
import { killProcess } from "./process-control.ts";
import { resourceUsage } from "./resource-usage.ts";
import { rlimit, rlimitNames, rlimits, setRlimit } from "./rlimit.ts";
import { groupName, groupsOf, userName, userOfName, userOfUid } from "./user.ts";

test("the peer of a UNIX socket is the process and user that connected", async () => {
  const directory = mkdtempSync(join(tmpdir(), "peer-"));
  const server = createServer().listen(join(directory, "socket"));
  await once(server, "listening");
  const client = createConnection(join(directory, "socket"));
  const [socket] = (await once(server, "connection")) as [Socket];
  const self = { pid: process.pid, uid: process.getuid!(), gid: process.getgid!() };
  expect(peerCredential(socket)).toEqual(self);
  client.destroy();
  socket.destroy();
  server.close();
  await once(server, "close");
  expect(() => fdOf(socket)).toThrow("closed");
  rmSync(directory, { recursive: true });
});

test("a socket pair has this process at both ends", () => {
  const [one, two] = openSocketPair();
  expect(peerCredentialOfFd(one).pid).toBe(process.pid);
  closeFd(one);
  closeFd(two);
  expect(() => peerCredentialOfFd(one)).toThrow("Bad file descriptor");
});

test("a socket pair end works as a Node stream", async () => {
  const [one, two] = openSocketPair();
  const [a, b] = [socketOf(one), socketOf(two)];
  a.end("hello");
  const [data] = (await once(b, "data")) as [Buffer];
  expect(data.toString()).toBe("hello");
  b.destroy();
});

test("CPU affinity of a thread can be narrowed and restored", () => {
  const before = affinity();
  expect(before.length).toBeGreaterThan(0);
  const last = before.at(-1)!;
  expect(withAffinity([last], () => affinity())).toEqual([last]);
  expect(affinity()).toEqual(before);
  expect(() => setAffinity([60_000])).toThrow();
  expect(() => affinity(2 ** 30)).toThrow("No such process");
});

test("resource limits have Flux's names, and -1 for unlimited", () => {
  const limits = rlimits();
  expect(Object.keys(limits)).toEqual(rlimitNames);
  const text = readFileSync("/proc/self/limits", "utf8");
  const shown = /^Max open files +(\d+|unlimited) +(\d+|unlimited)/m.exec(text)!.slice(1);
  const { soft, hard } = limits.nofile;
  expect([soft, hard].map((n) => (n === -1 ? "unlimited" : String(n)))).toEqual(shown);
});

test("a soft limit can be lowered and raised again, but not above the hard one", () => {
  const before = rlimit("core");
  setRlimit("core", { soft: 0 });
  expect(rlimit("core")).toEqual({ soft: 0, hard: before.hard });
  setRlimit("core", { soft: before.soft });
  expect(rlimit("core")).toEqual(before);
  const { soft, hard } = rlimit("nofile");
  expect(() => setRlimit("nofile", { soft: hard + 1, hard })).toThrow("Invalid argument");
  expect(rlimit("nofile").soft).toBe(soft);
  expect(() => setRlimit("core", { soft: 1.5 })).toThrow("1.5");
});

test("resource usage has the 16 members of getrusage(2), seconds for times", () => {
  const self = resourceUsage("self");
  expect(Object.keys(self)).toHaveLength(16);
  const { userCPUTime, maxRSS } = process.resourceUsage();
  expect(self.utime).toBeLessThanOrEqual(userCPUTime / 1e6);
  expect(self.utime).toBeGreaterThan(userCPUTime / 1e6 - 1);
  expect(self.maxrss).toBeLessThanOrEqual(maxRSS);
  expect(resourceUsage("thread").utime).toBeLessThanOrEqual(resourceUsage("self").utime);
  expect(resourceUsage("children").stime).toBeGreaterThanOrEqual(0);
  expect(() => resourceUsage("parent")).toThrow("parent");
});

test("users and groups are found by id and by name", () => {
  const { uid, username, homedir } = userInfo();
  expect(userOfUid(uid)).toMatchObject({ name: username, uid });
  expect(userOfName(username)).toMatchObject({ uid });
  expect(userOfName("root")).toMatchObject({ uid: 0, gid: 0, name: "root" });
  expect(homedir).toBeTruthy();
  expect(userName(uid)).toBe(username);
  expect(userName(987_654)).toBe("987654");
  expect(userOfName("no such user")).toBeUndefined();
  expect(groupName(0)).toBe("root");
  expect(groupName(987_654)).toBeUndefined();
  expect(groupsOf("root")).toContain(0);
  expect(() => groupsOf("no such user")).toThrow("no such user");
});

test("a signal to a process that is gone fails with ESRCH", () => {
  let error: unknown;
  try {
    killProcess(2 ** 22 + 5, 15);
  } catch (caught) {
    error = caught;
  }
  expect(isErrno(error, "ESRCH")).toBe(true);
});
