import { formatJobId, jobIdForms } from "@flux-ts/protocol/job/fluid";
import { jobNameOf } from "@flux-ts/protocol/job/jobspec";
import { renderMustache } from "./mustache.ts";
import type { Shell } from "./shell.ts";
import type { Task } from "./task.ts";

export interface TemplateScope {
  readonly task?: Task | undefined;
  readonly shellRank?: number;
}

/** Replace the tags that a shell knows (wire-jobs §7.11). */
export function renderTemplate(shell: Shell, template: string, scope: TemplateScope): string {
  return renderMustache(template, (tag) => tagValue(shell, tag, scope));
}

/** The template renders differently on different shells or for different tasks. */
export function isPerRank(shell: Shell, template: string): boolean {
  if (shell.size === 1 || !template.includes("{{")) return false;
  if (template.includes("{{tmpdir}}")) return true;
  const [task] = shell.tasks;
  const first = shell.render(template, { shellRank: 0 });
  const second = shell.render(template, { shellRank: 1 });
  return first !== second || first !== shell.render(template, { task });
}

function tagValue(shell: Shell, name: string, scope: TemplateScope): string | undefined {
  const tag = name.startsWith("jobid") ? name.slice(3) : name;
  if (tag === "id") return shell.jobid;
  if (tag.startsWith("id.")) return idOf(shell, tag.slice(3));
  switch (tag) {
    case "name":
      return jobNameOf(shell.job.jobspec);
    case "nnodes":
      return `${shell.size}`;
    case "ntasks":
    case "size":
      return `${shell.ntasks}`;
    case "taskid":
    case "task.id":
    case "task.rank":
      return scope.task && `${scope.task.rank}`;
    case "task.index":
    case "task.localid":
      return scope.task && `${scope.task.index}`;
  }
  if (tag.startsWith("node.")) return nodeValue(shell, tag.slice(5), scope.shellRank ?? shell.rank);
  return shell.plugins.mustache(tag);
}

function idOf({ job, jobid }: Shell, form: string): string | undefined {
  if (form === "f58") return jobid;
  const known = jobIdForms.find((name) => name === form);
  return known && formatJobId(job.id, known);
}

function nodeValue(shell: Shell, key: string, shellRank: number): string | undefined {
  const node = shell.layout.nodes[shellRank];
  if (!node) return undefined;
  const resources = {
    ncores: node.cores.size,
    cores: node.cores.encode(),
    ...(node.gpus.size > 0 && { gpus: node.gpus.encode() }),
  };
  const values: Readonly<Record<string, string | number | undefined>> = {
    id: shellRank,
    name: node.host,
    broker_rank: node.rank,
    ntasks: node.ntasks,
    taskids: shell.layout.taskmap.taskids(shellRank).encode(),
    resources: JSON.stringify(resources),
    ...resources,
    "resources.ncores": resources.ncores,
    "resources.cores": resources.cores,
    "resources.gpus": node.gpus.encode(),
  };
  const value = Object.hasOwn(values, key) ? values[key] : undefined;
  return value === undefined ? undefined : String(value);
}
