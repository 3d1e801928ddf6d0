import { dottedValue } from "@flux-ts/protocol/job/dotted-path";
import { formatJobId, type JobId } from "@flux-ts/protocol/job/fluid";
import { val } from "@flux-ts/protocol/kvs/treeobj";
import { encodeUtf8 } from "@flux-ts/protocol/message/text";
import { parseR } from "@flux-ts/protocol/resource/resource-set-json";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { isJsonObject, type JsonObject, stringifyJson } from "@flux-ts/protocol/schema/json";
import { kvs, primaryNamespace } from "@flux-ts/protocol/services/kvs";
import type { JobtapFactory, JobView } from "../jobtap-plugin.ts";

/**
 * Loadable: a job of the instance owner that brings its own R (`attributes.system.alloc-bypass.R`) gets it
 * without the scheduler being asked.
 */
export const allocBypass: JobtapFactory = (api) => {
  const given = new Map<JobId, JsonObject>();

  function validate({ id, userid }: JobView, jobspec: JsonObject): void {
    const R = dottedValue(jobspec, "attributes.system.alloc-bypass.R");
    if (R === undefined) return;
    if (userid !== api.owner) throw refuse("Guest user cannot use alloc bypass");
    if (!isJsonObject(R)) throw refuse("invalid system.alloc-bypass.R: not an object");
    try {
      parseR(R);
    } catch (cause) {
      throw refuse(`alloc-bypass: invalid R: ${cause instanceof Error ? cause.message : cause}`);
    }
    given.set(id, R);
    api.setFlag(id, "alloc-bypass");
  }

  function allocate(id: JobId): { R: JsonObject } | undefined {
    const R = given.get(id);
    if (!R) return undefined;
    const dirent = val(encodeUtf8(stringifyJson(R))) as JsonObject;
    const ops = [{ key: `${formatJobId(id, "kvs")}.R`, flags: 0, dirent }];
    api.call(kvs.commit, { namespace: primaryNamespace, flags: 0, ops }, (error) => {
      if (!api.fateOf(id) || !given.has(id)) return;
      if (!error) {
        api.postEvent(id, "alloc", { bypass: true });
        return;
      }
      const note = `failed to commit R to kvs: ${error.message}`;
      api.raise(id, { type: "alloc", severity: 0, note });
    });
    return { R };
  }

  return {
    callbacks: new Map([
      ["job.validate", (job, { jobspec = job.jobspec }) => validate(job, jobspec)],
      ["job.state.sched", ({ id }) => allocate(id)],
      ["job.destroy", ({ id }) => void given.delete(id)],
    ]),
  };
};

const refuse = (text: string): FluxError => new FluxError("EINVAL", text);
