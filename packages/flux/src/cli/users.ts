import { readFileSync } from "node:fs";
import { userInfo } from "node:os";

interface User {
  readonly name: string;
  readonly uid: number;
}

let known: readonly User[] | undefined;

/** Name of a user id; the number itself for one that nobody has. */
export function userName(uid: number): string {
  const own = userInfo();
  if (own.uid === uid) return own.username;
  const found = localUsers().find((user) => user.uid === uid);
  return found?.name ?? directoryUser(String(uid))?.name ?? String(uid);
}

/** Id of a user's name, or undefined. */
export function userId(name: string): number | undefined {
  const own = userInfo();
  if (own.username === name) return own.uid;
  const found = localUsers().find((user) => user.name === name);
  return found?.uid ?? directoryUser(name)?.uid;
}

function localUsers(): readonly User[] {
  known ??= readFileSync("/etc/passwd", "utf8").split("\n").flatMap(parseLine);
  return known;
}

/** Users of a network directory, which only the C library knows how to find. */
function directoryUser(key: string): User | undefined {
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const { stdout, status } = spawnSync("getent", ["passwd", key], { encoding: "utf8" });
  return status === 0 ? parseLine(stdout)[0] : undefined;
}

function parseLine(line: string): User[] {
  const [name = "", , uid] = line.split(":");
  return uid === undefined || uid === "" ? [] : [{ name, uid: Number(uid) }];
}
