import { accessSync, constants, statSync } from "node:fs";
import { Errno, errnoText } from "@flux-ts/protocol/rpc/errno";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { withAffinity } from "./affinity.ts";
import { addFdActions, type FdSource } from "./child-fds.ts";
import { type Env, EnvBlock } from "./env-block.ts";
import { findCommand } from "./find-command.ts";
import { libc } from "./libc.ts";
import { type LimitPlan, limitPlan, type SoftLimits, withLimits } from "./limit-plan.ts";
import { type ProcessGroup, spawnAttributes } from "./spawn-attributes.ts";
import { SpawnSlots } from "./spawn-slots.ts";
import { expectChild } from "./wait.ts";

/** What to start, and as what. */
export interface SpawnRequest {
  /** The command and its arguments. A name without a slash is searched in PATH of `env`. */
  readonly argv: readonly string[];
  /** The file to run where it is not `argv[0]`. */
  readonly file?: string | undefined;
  readonly env: Env | EnvBlock;
  /** Default: the directory of this process. */
  readonly cwd?: string | undefined;
  /** The child's descriptors 0, 1, 2...; it has no others. */
  readonly fds: readonly FdSource[];
  /** Default: a process group of its own. */
  readonly group?: ProcessGroup | undefined;
  /** The CPUs it may run on. Such a spawn blocks this thread for a fraction of a millisecond. */
  readonly cpus?: Iterable<number> | undefined;
  /**
   * Soft resource limits. Where they differ from ours, this process has them while it spawns, or
   * the child starts through a helper; another thread must not spawn at that moment.
   */
  readonly rlimits?: SoftLimits | undefined;
}

/** Spawns at work in the thread pool, which has four threads, and those that may wait for it. */
const maxRunning = 4;
const maxWaiting = 10_000;

const slots = new SpawnSlots(maxRunning, maxWaiting);

/**
 * Start a process without blocking the event loop, and return its pid. Signals have their default
 * actions and none is blocked in it. The caller must watch the pid (wait.ts) without waiting in
 * between. Throws a FluxError with the errno of execvp(3): ENOENT, EACCES, E2BIG, ENOMEM...; EAGAIN
 * if too many spawns are waiting.
 */
export async function spawn(request: SpawnRequest): Promise<number> {
  const { cpus, rlimits } = request;
  const plan = rlimits === undefined ? noLimits : limitPlan(rlimits);
  const prepared = withPrefix(request, plan);
  const alone = plan.own.length > 0;
  await slots.acquire(alone);
  try {
    return alone || cpus !== undefined
      ? spawnHere(prepared, plan.own)
      : await spawnInPool(prepared);
  } finally {
    slots.release();
  }
}

/** As `spawn`, blocking for the fraction of a millisecond that it takes. */
export function spawnSync(request: SpawnRequest): number {
  const { rlimits } = request;
  const plan =
    rlimits === undefined ? noLimits : limitPlan(rlimits, { mayChangeOwn: slots.isIdle });
  return spawnHere(withPrefix(request, plan), plan.own);
}

const noLimits: LimitPlan = { own: [], prefix: [] };

/** Spawn on this thread, whose CPUs the child inherits, with these limits of this process. */
function spawnHere(request: SpawnRequest, limits: LimitPlan["own"]): number {
  const { cpus } = request;
  const run = (): number => withLimits(limits, () => attemptHere(request));
  return cpus === undefined ? run() : withAffinity(cpus, run);
}

function attemptHere(request: SpawnRequest): number {
  const attempt = new SpawnAttempt(request);
  try {
    for (let next = attempt.next(); next !== undefined; next = attempt.next()) {
      attempt.finish(attempt.runSync(next));
    }
    return attempt.pid();
  } finally {
    attempt.dispose();
  }
}

async function spawnInPool(request: SpawnRequest): Promise<number> {
  const attempt = new SpawnAttempt(request);
  try {
    for (let next = attempt.next(); next !== undefined; next = attempt.next()) {
      attempt.finish(await attempt.run(next));
    }
    return attempt.pid();
  } finally {
    attempt.dispose();
  }
}

/**
 * The helper sets the limits and executes the command, which we find first, so that errors stay
 * ours.
 */
function withPrefix(request: SpawnRequest, { prefix }: LimitPlan): SpawnRequest {
  if (prefix.length === 0) return request;
  const { argv, env, cwd, file } = request;
  const search = findCommand(file ?? argv[0]!, EnvBlock.of(env).value("PATH"), cwd);
  const { value, done } = search.next();
  if (done) throw new FluxError(value);
  return { ...request, file: prefix[0], argv: [...prefix, value, ...argv.slice(1)] };
}

interface Try {
  readonly file: string;
  readonly argv: (string | null)[];
}

/**
 * One spawn: the files to try, the C structures, and the outcome. Reused memory would be cheaper
 * still, but several attempts are in the thread pool at a time.
 */
class SpawnAttempt {
  readonly #request: SpawnRequest;
  readonly #env: EnvBlock;
  readonly #files: Generator<string, number, void>;
  readonly #actions = new Uint8Array(256);
  readonly #pid = new Int32Array(1);
  readonly #expected: Disposable;
  /** The outcome so far: 0 started, an errno, or undefined while there are files to try. */
  #errnum: number | undefined;
  #denied = false;

  constructor(request: SpawnRequest) {
    const { argv, env, cwd, file } = request;
    if (argv.length === 0) throw new FluxError("EINVAL", "command is empty");
    if ([...argv, cwd, file].some((text) => text?.includes("\0"))) {
      throw new FluxError("EINVAL", "command contains a NUL character");
    }
    this.#request = request;
    this.#env = EnvBlock.of(env);
    this.#files = findCommand(file ?? argv[0]!, this.#env.value("PATH"), cwd);
    const c = libc();
    c.actionsInit(this.#actions);
    addFdActions(this.#actions, request.fds);
    if (cwd !== undefined) c.addChdir(this.#actions, cwd);
    this.#expected = expectChild(this.#pid);
  }

  /** The next file to try, or undefined if the outcome is clear. */
  next(): Try | undefined {
    if (this.#errnum !== undefined) return undefined;
    const { argv } = this.#request;
    const { value, done } = this.#files.next();
    if (!done) return { file: value, argv: [...argv, null] };
    this.#errnum = this.#denied ? Errno.EACCES : value;
    return undefined;
  }

  runSync({ file, argv }: Try): [file: string, errnum: number] {
    const attributes = spawnAttributes(this.#request.group);
    const { pointers } = this.#env;
    const { posixSpawn } = libc();
    return [file, posixSpawn(this.#pid, file, this.#actions, attributes, argv, pointers)];
  }

  run({ file, argv }: Try): Promise<[file: string, errnum: number]> {
    const attributes = spawnAttributes(this.#request.group);
    const { pointers } = this.#env;
    return new Promise((resolve, reject) => {
      const done = (error: unknown, errnum: number | undefined): void => {
        if (error) reject(error);
        else resolve([file, errnum!]);
      };
      const { posixSpawn } = libc();
      posixSpawn.async(this.#pid, file, this.#actions, attributes, argv, pointers, done);
    });
  }

  finish([, errnum]: [file: string, errnum: number]): void {
    if (goOn.has(errnum)) {
      if (errnum === Errno.EACCES) this.#denied = true;
    } else {
      this.#errnum = errnum;
    }
  }

  pid(): number {
    if (this.#errnum !== 0) throw this.#failure(this.#errnum!);
    return this.#pid[0]!;
  }

  #failure(errnum: number): FluxError {
    const { cwd, argv } = this.#request;
    const badDirectory = cwd === undefined ? undefined : directoryErrno(cwd);
    if (badDirectory !== undefined) return new BadDirectoryError(badDirectory, cwd!);
    return new FluxError(errnum, `${argv[0]}: ${errnoText(errnum)}`);
  }

  dispose(): void {
    this.#expected[Symbol.dispose]();
    libc().actionsDestroy(this.#actions);
  }
}

/** With these execvp(3) tries the next directory of PATH. */
const goOn: ReadonlySet<number> = new Set([
  Errno.ENOENT,
  Errno.EACCES,
  Errno.ENOTDIR,
  Errno.ENODEV,
  Errno.ETIMEDOUT,
]);

/** The child could not change to its directory; the command itself may be fine. */
export class BadDirectoryError extends FluxError {
  readonly directory: string;

  constructor(errnum: number, directory: string) {
    super(errnum, `${directory}: ${errnoText(errnum)}`);
    this.directory = directory;
  }
}

/** Why this process could not enter a directory, or undefined if it can. */
function directoryErrno(path: string): number | undefined {
  try {
    if (!statSync(path).isDirectory()) return Errno.ENOTDIR;
    accessSync(path, constants.X_OK);
    return undefined;
  } catch (error) {
    return -((error as NodeJS.ErrnoException).errno ?? -Errno.EIO);
  }
}
