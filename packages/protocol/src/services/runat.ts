import { method } from "../rpc/method.ts";
import { t } from "../schema/schema.ts";

/** Commands for the broker's run levels. */
export const runat = {
  /** Add commands to a run level such as `cleanup`; those pushed later run first. */
  push: method("runat.push", { request: { name: t.string, commands: t.array(t.string) } }),
};
