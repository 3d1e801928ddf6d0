import { accessSync, constants, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import os from "node:os";
import { basename } from "node:path";
import { buildTopology, type HostInfo } from "@flux-ts/protocol/topology/build";
import { boundCpus, usableCpus } from "@flux-ts/protocol/topology/cpus";
import { restrictTopology } from "@flux-ts/protocol/topology/inventory-of";
import type { SysFs } from "@flux-ts/protocol/topology/sysfs";
import { parseXml, type XmlElement } from "@flux-ts/protocol/topology/xml";

/**
 * The topology of this machine, with the CPUs that this process is bound to or, with `noRestrict`, all
 * that it could use. Tests name a file with a made-up one: FLUX_HWLOC_XMLFILE.
 */
export function localTopology(noRestrict = false): XmlElement {
  const path = process.env.FLUX_HWLOC_XMLFILE;
  const file = path === undefined ? undefined : attempt(() => readFileSync(path, "utf8"));
  const topology = file === undefined ? undefined : attempt(() => parseXml(file));
  if (topology) {
    const isForeign = process.env.FLUX_HWLOC_XMLFILE_NOT_THISSYSTEM !== undefined;
    return noRestrict || isForeign ? topology : boundTopology(topology);
  }
  const usable = usableCpus(sysFs);
  const bound = noRestrict ? undefined : boundCpus(sysFs)?.intersect(usable);
  return buildTopology(sysFs, hostInfo(), bound && !bound.isEmpty ? bound : usable);
}

/** The part of a topology of this machine that this process is bound to. */
export function boundTopology(topology: XmlElement): XmlElement {
  const cpus = boundCpus(sysFs);
  return (cpus && restrictTopology(topology, cpus)) ?? topology;
}

/** GPUs count as often as libraries know them. */
export function keepsDuplicateGpus(): boolean {
  return process.env.FLUX_HWLOC_GPU_NO_DEDUP !== undefined;
}

function hostInfo(): HostInfo {
  return {
    hostname: os.hostname(),
    osName: os.type(),
    osRelease: os.release(),
    osVersion: os.version(),
    architecture: os.machine(),
  };
}

const sysFs: SysFs = {
  read: (path) => attempt(() => readFileSync(path, "utf8").trimEnd()),
  list: (path) => attempt(() => readdirSync(path)) ?? [],
  link: (path) => attempt(() => basename(readlinkSync(path))),
  isDevice: (path) =>
    attempt(() => {
      accessSync(path, constants.R_OK | constants.W_OK);
      return statSync(path).isCharacterDevice();
    }) ?? false,
};

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined; // what the kernel does not show is not there
  }
}
