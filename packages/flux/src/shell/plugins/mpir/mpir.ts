import { FluxError } from "@flux-ts/protocol/rpc/error";
import { defineShellPlugin } from "../../plugin.ts";
import type { Shell } from "../../shell.ts";
import { decodeProctable, encodeProctable, type ProcessEntry } from "./proctable.ts";

/** How long another shell has to answer: one that is gone never will. */
const timeoutMs = 5000;

/**
 * Tells parallel debuggers about the processes of the job; the leader about those of all shells.
 */
export default defineShellPlugin({
  name: "mpir",
  load(shell) {
    shell.service.serve(
      (methods) => methods.proctable,
      async () => encodeProctable(shell.isLeader ? await gather(shell) : ownEntries(shell)),
    );
    return undefined;
  },
});

function ownEntries({ tasks, site }: Shell): ProcessEntry[] {
  return tasks.map((task) => ({
    taskid: task.rank,
    host: site.hostname,
    executable: task.argv[0]!,
    pid: task.pid,
    rank: site.rank,
  }));
}

async function gather(shell: Shell): Promise<ProcessEntry[]> {
  if (shell.size === 1) return ownEntries(shell);
  shell.hold("proctable.get");
  try {
    const followers = [...shell.layout.nodes.keys()].slice(1);
    const tables = await Promise.all([
      ownEntries(shell),
      ...followers.map((shellRank) => entriesOf(shell, shellRank)),
    ]);
    return tables.sort((a, b) => firstTask(a) - firstTask(b)).flat();
  } finally {
    shell.release("proctable.get");
  }
}

async function entriesOf(shell: Shell, shellRank: number): Promise<ProcessEntry[]> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new FluxError("ECANCELED")), timeoutMs);
  });
  const answer = shell.service.call((methods) => methods.proctable, shellRank, undefined);
  try {
    return decodeProctable(await Promise.race([answer, timeout]));
  } finally {
    clearTimeout(timer);
  }
}

function firstTask(entries: readonly ProcessEntry[]): number {
  return entries[0]?.taskid ?? Number.MAX_SAFE_INTEGER;
}
