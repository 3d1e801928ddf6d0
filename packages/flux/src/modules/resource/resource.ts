import { connect } from "@flux-ts/client/connect";
import { verifyResources } from "@flux-ts/protocol/resource/verify";
import { FluxError, isErrno } from "@flux-ts/protocol/rpc/error";
import { isJsonObject } from "@flux-ts/protocol/schema/json";
import { resource } from "@flux-ts/protocol/services/resource";
import { defineModule, type ModuleContext, type ModuleInstance } from "../../plugins/module.ts";
import { Inventory } from "./inventory/inventory.ts";
import { Leader, type LeaderStart } from "./leader/leader.ts";
import { resourceOptions } from "./resource-options.ts";
import { refuseStatus } from "./status/status.ts";
import { LocalTopology } from "./topology/topology.ts";

async function attrOf(context: ModuleContext, name: string): Promise<string | undefined> {
  const known = context.attr(name);
  if (known !== undefined) return known;
  try {
    return await context.flux.attr(name);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

async function gather(context: ModuleContext): Promise<LeaderStart> {
  const uri = await attrOf(context, "parent-uri");
  const jobid = await attrOf(context, "jobid");
  const isNested = uri !== undefined && jobid !== undefined;
  return {
    context,
    options: resourceOptions(context.config, context.args),
    hostlist: await attrOf(context, "hostlist"),
    isRecovering: (await attrOf(context, "broker.recovery-mode")) !== undefined,
    enclosing: isNested ? { flux: await connect(uri), jobid } : undefined,
  };
}

async function startLeader(start: LeaderStart): Promise<ModuleInstance> {
  const { context, enclosing } = start;
  const { flux } = context;
  const leader = await Leader.load(start);
  const { inventory } = leader;
  const topology = await loadTopology(start);
  await verify(start, inventory, topology, (rank, reason) => leader.drain.drainRank(rank, reason));
  const onReduced = inventory.onDiscovered.bind(inventory);
  topology.serve(flux, onReduced);
  topology.reduce(flux, await descendants(context), onReduced);
  await leader.follow(flux);
  return {
    async stop() {
      await leader.stop();
      enclosing?.flux.close();
    },
    configReload: (config) => leader.configReload(resourceOptions(config, context.args)),
  };
}

async function startFollower(start: LeaderStart): Promise<ModuleInstance> {
  const { context, options, hostlist, enclosing } = start;
  const { flux, rank, size } = context;
  const inventory = new Inventory({
    flux,
    rank,
    size,
    options,
    hostlist,
    hasBootstrap: isJsonObject(context.config.bootstrap),
    store: undefined,
    log: undefined,
    restarted: Promise.resolve(),
    inform: (severity, text) => context.log(severity, text),
  });
  await inventory.load(undefined);
  inventory.serve(flux, () => false);
  const topology = await loadTopology(start);
  enclosing?.flux.close();
  await verify(start, inventory, topology, async (self, reason) => {
    const request = { targets: `${self}`, reason, mode: "update" };
    await flux.call(resource.drain, request, { nodeid: 0 });
  });
  topology.serve(flux, () => {});
  topology.reduce(flux, await descendants(context), () => {});
  refuseStatus(flux);
  flux.serve(resource.disconnect, () => {});
  return {
    configReload(config) {
      resourceOptions(config, context.args);
    },
  };
}

function loadTopology({ context, options, enclosing }: LeaderStart): Promise<LocalTopology> {
  return LocalTopology.load({
    rank: context.rank,
    noRestrict: options.noRestrict,
    parent: options.rediscover ? undefined : enclosing?.flux,
    log: (severity, text) => context.log(severity, text),
  });
}

/** A rank that lacks what R says it has takes itself out of service. */
async function verify(
  { context, options, isRecovering }: LeaderStart,
  { resources, method }: Inventory,
  topology: LocalTopology,
  drain: (rank: number, reason: string) => Promise<void>,
): Promise<void> {
  if (!resources || options.noVerify || isRecovering) return;
  // The enclosing instance has verified what it gave.
  if (method === "job-info" && !options.verifyAlways) return;
  const { text } = verifyResources(resources, topology.resources, options.verify);
  if (text === undefined) return;
  context.log(3, `draining: ${text}`);
  try {
    await drain(context.rank, text);
  } catch (error) {
    throw error instanceof FluxError ? error : new FluxError("EIO", `${error}`);
  }
}

async function descendants(context: ModuleContext): Promise<number> {
  const text = await attrOf(context, "tbon.descendants");
  return Number(text ?? context.size - 1);
}

export default defineModule({
  name: "resource",
  // Requests are few, and answered from memory.
  host: "inline",
  async start(context) {
    const start = await gather(context);
    return context.rank === 0 ? startLeader(start) : startFollower(start);
  },
});
