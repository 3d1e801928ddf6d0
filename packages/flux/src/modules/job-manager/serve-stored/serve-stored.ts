import type { Handlers } from "@flux-ts/client/dispatcher";
import { later } from "@flux-ts/client/request";
import { parseEventlog } from "@flux-ts/protocol/job/eventlog";
import { type JobId, toJobId } from "@flux-ts/protocol/job/fluid";
import { type Credential, isOwner, Role } from "@flux-ts/protocol/message/credential";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { type Json, type JsonObject, parseJson } from "@flux-ts/protocol/schema/json";
import type { JournalEntry, jobManager } from "@flux-ts/protocol/services/job-manager";
import { authorize } from "../authorize.ts";
import { saveCheckpoint } from "../checkpoint.ts";
import type { JobManager } from "../job-manager.ts";
import { pastOf } from "../journal.ts";
import { withoutMember } from "../json-path.ts";
import { checkPurge, forget, purge, purgeable, purgeLimits } from "../purge.ts";
import { allocatedResources } from "../resource-status.ts";

type All = Handlers<typeof jobManager>;
/** The requests that go to the KVS, or to what the driver holds. */
type Stored = Status | Followed | "queueEnable" | "queueStart" | Others;

/** Jobs read from the KVS at a time for a consumer of the full journal. */
const journalWindow = 64;

export function serveStored(driver: JobManager): Pick<All, Stored> {
  return { ...statusHandlers(driver), ...queueHandlers(driver), ...purgeHandlers(driver) };
}

type Status = "getattr" | "getinfo" | "statsGet" | "resourceStatus";
type Followed = "eventsJournal" | "eventsJournalCancel";

function statusHandlers(driver: JobManager): Pick<All, Status | Followed> {
  const { journal, manager } = driver;
  const { jobs } = manager;
  return {
    getattr: (args, request) => attributesOf(driver, request, args.id, args.attrs),
    getinfo(_args, request) {
      checkPrivate(driver, request);
      return { max_jobid: jobs.maxId };
    },
    statsGet(_args, request) {
      checkPrivate(driver, request);
      return {
        journal: journal.stats(),
        active_jobs: jobs.active.size,
        inactive_jobs: jobs.inactive.size,
        max_jobid: jobs.maxId,
        housekeeping: manager.housekeeping.stats(),
      };
    },
    resourceStatus: () => ({ allocated: allocatedResources(manager) }),
    eventsJournal(args, request) {
      const listener = journal.open(request, args);
      const ids = args.full ? [...jobs.inactive.ids()] : [];
      const active = Array.from(jobs.active.values(), pastOf);
      const finish = (): void => {
        for (const past of active) listener.tellPast(past);
        listener.goLive();
      };
      if (ids.length === 0) finish();
      else void tellInactive(driver, ids, (past) => listener.tellPast(past)).then(finish);
      return later;
    },
    eventsJournalCancel({ matchtag }, request) {
      journal.cancel(request, matchtag);
    },
  };
}

function queueHandlers({ manager, store }: JobManager): Pick<All, "queueEnable" | "queueStart"> {
  const { queues } = manager;
  /** What was asked for is answered when it would survive a crash. */
  const save = async (): Promise<void> => {
    await store.saveCheckpoint(saveCheckpoint(manager), { isSync: true });
  };
  return {
    queueEnable(args) {
      queues.enable(args);
      return save();
    },
    queueStart(args) {
      queues.start(args);
      return args.nocheckpoint ? undefined : save();
    },
  };
}

type Others = "purge" | "purgeId" | "jobtap" | "jobtapQuery" | "setBatchTimeout";

function purgeHandlers(driver: JobManager): Pick<All, Others> {
  const { committer, loader, manager } = driver;
  return {
    async purge(args) {
      const limits = purgeLimits(args);
      if (!args.force) return { count: [...purgeable(manager, limits)].length };
      const purged = purge(manager, limits, args.batch);
      if (purged.ids.length > 0) await driver.removePurged(purged);
      return { count: purged.ids.length };
    },
    async purgeId({ id, force }) {
      if (id < 0n) throw new FluxError("EINVAL");
      checkPurge(manager, id);
      if (force) await driver.removePurged(forget(manager, [id]));
      return { count: 1 };
    },
    jobtap({ load, conf, remove, query_only }) {
      if (query_only) return { plugins: loader.list() };
      if (remove !== undefined) loader.remove(remove);
      if (load !== undefined) loader.load(load, conf);
      return {};
    },
    jobtapQuery: ({ name }) => loader.query(name),
    setBatchTimeout({ timeout }) {
      committer.fixedDelayMs = timeout * 1000;
    },
  };
}

/** In private mode guests do not learn what there is. Throws EPERM. */
function checkPrivate({ settings }: JobManager, cred: Credential): void {
  const isPrivileged = isOwner(cred) || (cred.rolemask & Role.Admin) !== 0;
  if (settings.isPrivate && !isPrivileged) throw new FluxError("EPERM");
}

/** `job-manager.getattr`: EINVAL unknown job, EPERM another user's, ENOENT it has no such thing. */
async function attributesOf(
  driver: JobManager,
  cred: Credential,
  id: JobId,
  attrs: readonly Json[],
): Promise<JsonObject> {
  const { committer, manager, store } = driver;
  const { active, inactive } = manager.jobs;
  const job = active.get(id);
  const owned = job ?? inactive.get(id);
  if (!owned) {
    checkPrivate(driver, cred);
    throw new FluxError("EINVAL", "unknown job");
  }
  authorize(cred, owned, "guests can only access their own jobs");
  if (!job) await committer.flush();
  const result: JsonObject = {};
  for (const attr of attrs) {
    const value = await attributeOf(attr);
    if (value === undefined) throw new FluxError("ENOENT", `${attr} is NULL`);
    result[attr as string] = value;
  }
  return result;

  async function attributeOf(attr: Json): Promise<Json | undefined> {
    switch (attr) {
      case "jobspec":
        return job ? job.jobspec : jsonOf(await store.text(id, attr));
      case "R":
        return job ? job.R : redactedR(await store.text(id, attr));
      case "eventlog":
        return job
          ? [...(job.eventlog as unknown as Json[])]
          : eventsOf(await store.text(id, attr));
      default:
        if (typeof attr === "string") throw new FluxError("ENOENT", `unknown attr ${attr}`);
        throw new FluxError("EPROTO", "attribute list contains non-string");
    }
  }
}

/** Read the past of inactive jobs from the KVS and tell it. Jobs purged in the meantime are left out. */
async function tellInactive(
  { committer, context, store }: JobManager,
  ids: readonly JobId[],
  tell: (past: JournalEntry) => void,
): Promise<void> {
  await committer.flush();
  for (let start = 0; start < ids.length; start += journalWindow) {
    const piece = ids.slice(start, start + journalWindow);
    const pasts = await Promise.all(
      piece.map(async (id): Promise<JournalEntry | undefined> => {
        const texts = ["eventlog", "jobspec", "R"].map((name) => store.text(id, name));
        const [eventlog, jobspec, R] = await Promise.all(texts);
        if (eventlog === undefined) return undefined;
        return {
          id: toJobId(id),
          events: eventsOf(eventlog) as JsonObject[],
          ...(jobspec !== undefined && { jobspec: jsonOf(jobspec) as JsonObject }),
          ...(R !== undefined && { R: redactedR(R) as JsonObject }),
        };
      }),
    ).catch((error: unknown) => {
      context.log(3, `error reading inactive jobs for the journal: ${(error as Error).message}`);
      return [];
    });
    for (const past of pasts) if (past) tell(past);
  }
}

function jsonOf(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : parseJson(text);
}

function redactedR(text: string | undefined): Json | undefined {
  const R = jsonOf(text);
  return R === undefined ? undefined : withoutMember(R as JsonObject, "scheduling");
}

function eventsOf(text: string | undefined): Json[] | undefined {
  return text === undefined ? undefined : (parseEventlog(text) as unknown as Json[]);
}
