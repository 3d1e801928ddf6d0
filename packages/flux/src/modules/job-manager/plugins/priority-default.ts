import type { JobtapFactory, JobView } from "../jobtap-plugin.ts";

const priority = ({ urgency }: JobView) => ({ priority: urgency });

/** The priority of a job is its urgency (RFC 30), unless another plugin knows better. */
export const priorityDefault: JobtapFactory = () => ({
  callbacks: new Map([
    ["job.state.priority", priority],
    ["job.priority.get", priority],
  ]),
});
