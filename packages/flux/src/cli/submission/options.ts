import { counter, flag, list, type OptionValues, text } from "../option.ts";

/** Options of every submission command. */
export const commonOptions = {
  bank: text("-B, --bank=BANK", "Submit a job to a specific named bank"),
  queue: text("-q, --queue=NAME", "Submit a job to a specific named queue"),
  timeLimit: text(
    "-t, --time-limit=MIN|FSD",
    "Time limit in minutes when no units provided, otherwise in Flux standard duration, e.g. 30s, 2d, 1.5h",
  ),
  urgency: text("--urgency=N", "Set job urgency (0-31), hold=0, default=16, expedite=31", {
    initial: "default",
  }),
  jobName: text("--job-name=NAME", "Set an optional name for job to NAME"),
  setopt: list(
    "-o, --setopt=OPT",
    "Set shell option OPT. An optional value is supported with OPT=VAL (default VAL=1) (multiple use OK)",
  ),
  setattr: list(
    "-S, --setattr=ATTR",
    "Set job attribute ATTR. An optional value is supported with ATTR=VAL (default VAL=1). If ATTR starts with ^, then VAL is a file containing valid JSON which will be used as the value of the attribute. (multiple use OK)",
  ),
  addFile: list(
    "--add-file=[NAME=]PATH",
    "Add a file at PATH with optional NAME to jobspec. The file will be extracted to {{tmpdir}}/NAME. If NAME is not specified, then the basename of PATH will be used. If necessary, permissions may be specified via NAME:PERMS. (multiple use OK)",
  ),
  dependency: list("--dependency=URI", "Set an RFC 26 dependency URI for this job"),
  requires: list("--requires=CONSTRAINT", "Specify job constraints in RFC 35 syntax", {
    aliases: ["--require"],
  }),
  beginTime: list(
    "--begin-time=+FSD|TIME",
    'Set minimum start time as offset in FSD (e.g. +1h) or an absolute TIME (e.g. "3pm") for job',
  ),
  env: list(
    "--env=RULE",
    "Control how environment variables are exported. If RULE starts with '-' apply rest of RULE as a remove filter (see --env-remove), if '^' then read rules from a file (see --env-file). Otherwise, set matching environment variables from the current environment (--env=PATTERN) or set a value explicitly (--env=VAR=VALUE). Rules are applied in the order they are used on the command line. (multiple use OK)",
  ),
  envRemove: list(
    "--env-remove=PATTERN",
    "Remove environment variables matching PATTERN. If PATTERN starts with a '/', then it is matched as a regular expression, otherwise PATTERN is a shell glob expression. (multiple use OK)",
  ),
  envFile: list("--env-file=FILE", "Read a set of environment rules from FILE. (multiple use OK)"),
  rlimit: list(
    "--rlimit=RULE",
    "Control how soft resource limits are propagated to the job. If RULE starts with a '-', then do not propagate matching resource limits (e.g. '-*' propagates nothing). Otherwise, propagate the current limit or a specific value, e.g. --rlimit=core or --rlimit=core=16. The option may be used multiple times to build a reduced set of propagated limits, e.g. --rlimit=-*,core will only propagate RLIMIT_CORE.",
  ),
  input: text("--input=FILENAME", "Redirect job stdin from FILENAME, bypassing KVS"),
  output: text("--output=FILENAME", "Redirect job stdout to FILENAME, bypassing KVS"),
  error: text("--error=FILENAME", "Redirect job stderr to FILENAME, bypassing KVS"),
  unbuffered: flag("-u, --unbuffered", "Disable buffering of input and output"),
  labelIo: flag("-l, --label-io", "Add rank labels to stdout, stderr lines"),
  cwd: text("--cwd=DIRECTORY", "Set job working directory"),
  flags: list(
    "--flags=FLAGS",
    "Set comma separated list of job submission flags. Possible flags: debug, waitable, novalidate",
  ),
  signal: text(
    "--signal=[SIG][@TIME]",
    "Schedule delivery of signal SIG at a defined TIME before job expiration. Default SIG is SIGUSR1, default TIME is 60s.",
  ),
  dryRun: flag("--dry-run", "Don't actually submit job, just emit jobspec", {
    aliases: ["--dry"],
  }),
  quiet: flag("--quiet", "Do not print jobid to stdout on submission"),
  listPlugins: flag("--list-plugins", "Print all command-line plugins that are loaded and exit"),
  debugEmulate: flag("--debug-emulate", "", { hidden: true }),
};
export type CommonOptions = OptionValues<typeof commonOptions>;

/** The place of tasks, after the common options in the help. */
export const taskOptions = {
  taskmap: text(
    "--taskmap=URI",
    "Select the scheme for mapping task ids to nodes as a URI (i.e. SCHEME[:VALUE]). Value options include block, cyclic, cyclic:N, or manual:TASKMAP (default: block)",
  ),
  verbose: counter("-v, --verbose", "Increase verbosity on stderr (multiple use OK)"),
};

/** Sizes, by task or by resource. Texts, since `bulksubmit` puts its inputs into them. */
export const sizeOptions = {
  nodes: text("-N, --nodes=N", "Number of nodes to allocate"),
  exclusive: flag("-x, --exclusive", "With -N, --nodes, allocate nodes exclusively"),
  ntasks: text("-n, --ntasks=N", "Number of tasks to start"),
  coresPerTask: text("-c, --cores-per-task=N", "Number of cores to allocate per task"),
  gpusPerTask: text("-g, --gpus-per-task=N", "Number of GPUs to allocate per task"),
  cores: text("--cores=N", "Request a total number of cores"),
  tasksPerNode: text("--tasks-per-node=N", "Force number of tasks per node"),
  tasksPerCore: text("--tasks-per-core=N", "Force number of tasks per core"),
  gpusPerNode: text("--gpus-per-node=N", "Request a number of GPUs per node with --nodes"),
};

/** Other ways to say what resources are needed. */
export const shapeOptions = {
  resourcesShape: text(
    "--resources-shape=SHAPE",
    "Provide an RFC 46 jobspec shape on the command line. Any other resource arguments will be ignored.",
  ),
  resourcesJson: text(
    "--resources-json=FILE",
    "Provide a JSON file specifying the `resources` section of a jobspec.",
  ),
};

/** Headings of the option groups in the help, by the first option of each. */
export const sizeGroups = {
  nodes: "Common resource options:",
  ntasks:
    "Per task options:\n  The following options allow per-task specification of resources, and\n  should not be combined with per-resource options.\n",
  cores:
    "Per resource options:\n  The following options allow per-resource specification of tasks, and\n  should not be used with per-task options above\n",
  resourcesShape: "Options provided by plugins (--help=OPTION for extended plugin documentation):",
};

export type CommandJobOptions = CommonOptions &
  OptionValues<typeof taskOptions> &
  OptionValues<typeof sizeOptions> &
  OptionValues<typeof shapeOptions>;

/** What `submit` and `bulksubmit` add: copies, waiting and watching. */
export const bulkOptions = {
  cc: text(
    "--cc=IDSET",
    "Replicate job for each ID in IDSET. (FLUX_JOB_CC=ID will be set for each job submitted)",
  ),
  bcc: text("--bcc=IDSET", "Like --cc, but FLUX_JOB_CC is not set"),
  waitEvent: text("--wait-event=NAME", "Wait for event NAME for all jobs after submission"),
  wait: flag(
    "--wait",
    "Wait for all jobs to complete after submission (same as --wait-event=clean)",
  ),
  watch: flag("--watch", "Watch all job output (implies --wait)"),
  log: text(
    "--log=FILE",
    "Print program log messages (e.g. submitted jobid) to FILE instead of terminal",
  ),
  logStderr: text(
    "--log-stderr=FILE",
    "Separate stderr messages into FILE instead of terminal or logfile destination",
  ),
  progress: flag("--progress", "Show progress of job submission or completion (with --wait)"),
  jps: flag("--jps", "With --progress, show job throughput"),
};
export type BulkOptions = OptionValues<typeof bulkOptions>;
