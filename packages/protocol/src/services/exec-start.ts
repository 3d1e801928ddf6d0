import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

const startRequest = {
  id: t.jobId,
  userid: t.int,
  jobspec: t.jsonObject,
  /** The job's shells run already, started by an earlier life of the execution service. */
  reattach: t.boolean,
  R: t.jsonObject,
};

/** `type` is one of start, reattached, release, exception, finish. */
const startResponse = { id: t.jobId, type: t.string, data: t.jsonObject };

/** RFC 32: what an execution service such as `job-exec` does for the job manager. */
export function execService(service: string) {
  return {
    /** Without matchtag: responses are matched by job id, several come for each request. */
    start: method(`${service}.start`, { request: startRequest, response: startResponse }),
    /** A job's allocation ends at another time. ENOENT: no such job. */
    expiration: method(`${service}.expiration`, {
      request: { id: t.jobId, expiration: t.real },
    }),
  };
}

export type ExecService = ReturnType<typeof execService>;
