/** Headings of the fields that `flux jobs -o` knows. */
export const headings: Readonly<Record<string, string>> = {
  id: "JOBID",
  "id.dec": "JOBID",
  "id.hex": "JOBID",
  "id.f58": "JOBID",
  "id.f58plain": "JOBID",
  "id.emoji": "JOBID",
  "id.kvs": "JOBID",
  "id.words": "JOBID",
  "id.dothex": "JOBID",
  userid: "UID",
  username: "USER",
  urgency: "URG",
  priority: "PRI",
  state: "STATE",
  state_single: "S",
  state_emoji: "STATE",
  name: "NAME",
  cwd: "CWD",
  queue: "QUEUE",
  project: "PROJECT",
  bank: "BANK",
  ntasks: "NTASKS",
  ncores: "NCORES",
  duration: "DURATION",
  nnodes: "NNODES",
  expiration: "EXPIRATION",
  t_remaining: "T_REMAINING",
  ranks: "RANKS",
  nodelist: "NODELIST",
  success: "SUCCESS",
  result: "RESULT",
  result_abbrev: "RS",
  result_emoji: "RESULT",
  t_submit: "T_SUBMIT",
  t_depend: "T_DEPEND",
  t_priority: "T_PRIORITY",
  t_sched: "T_SCHED",
  t_run: "T_RUN",
  t_cleanup: "T_CLEANUP",
  t_inactive: "T_INACTIVE",
  runtime: "RUNTIME",
  status: "STATUS",
  status_abbrev: "ST",
  status_emoji: "STATUS",
  waitstatus: "WSTATUS",
  returncode: "RC",
  "exception.occurred": "EXCEPTION-OCCURRED",
  "exception.severity": "EXCEPTION-SEVERITY",
  "exception.type": "EXCEPTION-TYPE",
  "exception.note": "EXCEPTION-NOTE",
  annotations: "ANNOTATIONS",
  "annotations.sched.t_estimate": "T_ESTIMATE",
  "annotations.sched.reason_pending": "REASON",
  "annotations.sched.resource_summary": "RESOURCES",
  dependencies: "DEPENDENCIES",
  contextual_info: "INFO",
  contextual_time: "TIME",
  inactive_reason: "INACTIVE-REASON",
  sched: "SCHED",
  "sched.t_estimate": "T_ESTIMATE",
  "sched.reason_pending": "REASON",
  "sched.resource_summary": "RESOURCES",
  user: "USER",
  uri: "URI",
  "uri.local": "URI",
  "instance.stats": "STATS",
  "instance.stats.total": "NJOBS",
  "instance.utilization": "CORE%",
  "instance.gpu_utilization": "GPU%",
  "instance.progress": "PROG",
  ...Object.fromEntries(
    [
      ["all", undefined],
      ["up", "UP"],
      ["down", "DOWN"],
      ["allocated", "USED"],
      ["free", "FREE"],
    ].flatMap(([state, heading]) =>
      [
        ["ncores", "CORES"],
        ["ngpus", "GPUS"],
        ["nnodes", "NODES"],
      ].map(([what, all]) => [`instance.resources.${state}.${what}`, heading ?? all]),
    ),
  ),
};

/** Headings of a format, with those of annotations, whose names are free. */
export function headingsOf(format: string): Readonly<Record<string, string>> {
  const all: Record<string, string> = { ...headings };
  for (const [, field = ""] of format.matchAll(/\{([^{}!:]+)/g)) {
    if (Object.hasOwn(all, field)) continue;
    if (field.startsWith("annotations.")) {
      all[field] = field.slice("annotations.".length).toUpperCase();
    } else if (field.startsWith("sched.") || field.startsWith("user.")) {
      all[field] = field.toUpperCase();
    } else if (field.startsWith("instance.")) {
      const heading = field.slice("instance.".length).toUpperCase();
      all[field] = heading.replace(/^RESOURCES\./, "");
    }
  }
  return all;
}

const state = ["state", "result"];
/** What job-list has to be asked for, by field. Others need the attribute of their own name. */
const attributes: Readonly<Record<string, readonly string[]>> = {
  id: [],
  username: ["userid"],
  state_single: ["state"],
  state_emoji: ["state"],
  returncode: ["waitstatus", "result"],
  result_abbrev: ["result"],
  result_emoji: ["result"],
  runtime: ["t_run", "t_cleanup"],
  status: state,
  status_abbrev: state,
  status_emoji: state,
  expiration: ["expiration", ...state],
  t_remaining: ["expiration", ...state],
  contextual_info: ["state", "dependencies", "annotations", "nodelist", "priority", "urgency"],
  contextual_time: ["state", "t_run", "t_cleanup", "duration"],
  inactive_reason: [
    ...state,
    "waitstatus",
    "exception_occurred",
    "exception_severity",
    "exception_type",
    "exception_note",
  ],
  sched: ["annotations"],
  user: ["annotations"],
  uri: ["annotations"],
  instance: ["annotations", ...state],
};

/** The attributes that these fields are made of. */
export function attributesOf(fields: Iterable<string>): Set<string> {
  const wanted = new Set<string>();
  for (const field of fields) {
    const [first = "", ...rest] = field.split(".");
    const own = first === "exception" ? [`exception_${rest.join(".")}`] : [first];
    for (const name of attributes[first] ?? own) wanted.add(name);
  }
  return wanted;
}
