import { FluxError } from "@flux-ts/protocol/rpc/error";

/** getrusage(2) as `NAME.rusage` answers it; times in seconds, memory in kilobytes. */
export function resourceUsage(who: string) {
  if (who !== "self" && who !== "children" && who !== "thread") {
    throw new FluxError("EINVAL", `rusage of "${who}" is unknown: use self, children or thread`);
  }
  const usage = process.resourceUsage();
  const own = who !== "children";
  return {
    utime: own ? usage.userCPUTime / 1e6 : 0,
    stime: own ? usage.systemCPUTime / 1e6 : 0,
    maxrss: usage.maxRSS,
    ixrss: usage.sharedMemorySize,
    idrss: usage.unsharedDataSize,
    isrss: usage.unsharedStackSize,
    minflt: usage.minorPageFault,
    majflt: usage.majorPageFault,
    nswap: usage.swappedOut,
    inblock: usage.fsRead,
    oublock: usage.fsWrite,
    msgsnd: usage.ipcSent,
    msgrcv: usage.ipcReceived,
    nsignals: usage.signalsCount,
    nvcsw: usage.voluntaryContextSwitches,
    nivcsw: usage.involuntaryContextSwitches,
  };
}
