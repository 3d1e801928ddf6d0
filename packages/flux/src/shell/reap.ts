import { readdirSync, readFileSync } from "node:fs";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { killProcess } from "../native/process-control.ts";

const sigkill = 9;
/** Position of the session id among the words that follow the program name in /proc/PID/stat. */
const sessionWord = 3;

/**
 * Kill all processes of a session: what a resident shell that died has left behind. A process may
 * start another while we look, so look again until there is none.
 */
export function reapSession(session: number): number {
  let killed = 0;
  for (let found = members(session); found.length > 0; found = members(session)) {
    const pids = found.filter((pid) => kill(pid));
    if (pids.length === 0) return killed;
    killed += pids.length;
  }
  return killed;
}

/** Processes of the session that have not ended, ourselves excepted. */
function members(session: number): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && isMember(pid, session));
}

function isMember(pid: number, session: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program name is in parentheses and may contain anything.
    const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return words[0] !== "Z" && Number(words[sessionWord]) === session;
  } catch {
    return false;
  }
}

function kill(pid: number): boolean {
  try {
    killProcess(pid, sigkill);
    return true;
  } catch (error) {
    if (error instanceof FluxError) return false;
    throw error;
  }
}
