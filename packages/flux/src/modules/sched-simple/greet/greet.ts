import type { Flux } from "@flux-ts/client/handle";
import { Kvs } from "@flux-ts/client/kvs";
import { f58, formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import { jobManager } from "@flux-ts/protocol/services/job-manager";
import { primaryNamespace } from "@flux-ts/protocol/services/kvs";
import { Idset } from "@flux-ts/protocol/text/idset";
import type { Severity } from "../../../plugins/module.ts";
import { allocationOf } from "../../../scheduler/held-by-r.ts";
import type { ResourcePool } from "../../../scheduler/pool.ts";
import type { SchedOptions } from "../options.ts";

type Log = (severity: Severity, text: string) => void;

/**
 * Introduce the scheduler to the job manager (RFC 27 hello, ready): jobs that hold resources are
 * taken over into the pool, then allocation requests may come.
 */
export async function greet(
  flux: Flux,
  pool: ResourcePool,
  { queueDepth, partialOk }: SchedOptions,
  log: Log,
): Promise<void> {
  const hello = flux.stream(jobManager.schedHello, { "partial-ok": partialOk });
  for await (const { id, free } of hello) await takeOver(flux, pool, id, free ?? "", log);
  await flux.call(
    jobManager.schedReady,
    queueDepth === Infinity ? { mode: "unlimited" } : { mode: "limited", limit: queueDepth },
  );
}

async function takeOver(
  flux: Flux,
  pool: ResourcePool,
  id: JobId,
  free: string,
  log: Log,
): Promise<void> {
  let R: JsonObject;
  try {
    R = await lookupR(flux, id);
  } catch {
    log(3, `hello: failed to look up R for job ${f58(id)}`);
    return;
  }
  try {
    pool.register(id, allocationOf(pool.topology, R, Idset.parse(free)));
  } catch (error) {
    log(3, `hello: ${f58(id)}: ${error instanceof Error ? error.message : error}`);
    const note = "failed to reallocate R for running job";
    await flux
      .call(jobManager.raise, { id, severity: 0, type: "scheduler-restart", note })
      .catch((refusal: unknown) =>
        log(3, `error raising fatal exception on ${f58(id)}: ${refusal}`),
      );
  }
}

async function lookupR(flux: Flux, id: JobId): Promise<JsonObject> {
  const text = await new Kvs(flux, primaryNamespace).getText(`${formatJobId(id, "kvs")}.R`);
  const R = parseJson(text);
  if (!isJsonObject(R)) throw new FluxError("EPROTO", `R of job ${f58(id)} is not a JSON object`);
  return R;
}
