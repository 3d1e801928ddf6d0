import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Bits, hasBit } from "./bits.ts";
import { slotsIn } from "./match.ts";
import type { ResourceRequest } from "./request.ts";
import type { Node, Topology } from "./topology.ts";

/**
 * Check that a request could be fulfilled if everything were up and free. `among`: the nodes that
 * fulfil its constraint. Throws EOVERFLOW with the text a user sees (RFC 27 deny, feasibility.check).
 */
export function checkFeasible(
  topology: Topology,
  request: ResourceRequest,
  among: Bits | undefined,
): void {
  refuseStepped(request);
  const nodes = topology.nodes.filter(
    (_, index) => topology.isPresent(index) && (!among || hasBit(among, index)),
  );
  if (request.exclusive) checkExclusive(nodes, request);
  else if (request.nodes) checkNodes(nodes, request, request.nodes.min);
  else checkSlots(nodes, request);
}

function refuseStepped({ nodes, slots }: ResourceRequest): void {
  const what = nodes?.values ? "node" : slots.values ? "slot" : undefined;
  if (!what) return;
  throw new FluxError(
    "EOVERFLOW",
    `${what} count specifies discrete valid values that this scheduler does not support; ` +
      "use a simple min-max range instead",
  );
}

function refuse(text: string): never {
  throw new FluxError("EOVERFLOW", `unsatisfiable request: ${text}`);
}

function checkExclusive(all: Node[], request: ResourceRequest): void {
  const need = Math.max(request.nodes?.min ?? 0, 1);
  const eligible = all.filter(
    ({ cores, gpus }) => cores.length >= request.coresPerSlot && gpus.length >= request.gpusPerSlot,
  );
  if (eligible.length >= need) return;
  refuse(`need ${need} exclusive node(s), only ${eligible.length} eligible`);
}

function checkNodes(all: Node[], request: ResourceRequest, need: number): void {
  const needCores = request.slots.min * request.coresPerSlot;
  const needGpus = request.slots.min * request.gpusPerSlot;
  const eligible = all.filter(
    ({ cores, gpus }) => cores.length >= needCores && gpus.length >= needGpus,
  );
  if (eligible.length >= need) return;
  const gpus = needGpus ? ` and ${needGpus} GPUs` : "";
  refuse(
    `need ${need} node(s) with ${needCores} cores${gpus} each, only ${eligible.length} eligible`,
  );
}

/** A slot must fit into one node, so slots are counted node by node. */
function checkSlots(all: Node[], { slots, coresPerSlot, gpusPerSlot }: ResourceRequest): void {
  const sum = (of: (node: Node) => number): number =>
    all.reduce((total, node) => total + of(node), 0);
  const byCores = sum(({ cores }) => Math.floor(cores.length / coresPerSlot));
  if (byCores < slots.min) {
    refuse(
      `need ${slots.min} slot(s) of ${coresPerSlot} core(s), only ${byCores} such slot(s) ` +
        `available (total cores: ${sum(({ cores }) => cores.length)})`,
    );
  }
  if (gpusPerSlot === 0) return;
  const fitting = sum(({ cores, gpus }) =>
    slotsIn(cores.length, gpus.length, coresPerSlot, gpusPerSlot),
  );
  if (fitting < slots.min) {
    refuse(
      `need ${slots.min} slot(s) with ${gpusPerSlot} GPU(s) each, only ${fitting} available ` +
        `(total GPUs: ${sum(({ gpus }) => gpus.length)})`,
    );
  }
}
