import { type ModuleStatus, module } from "@flux-ts/protocol/services/module";
import { command } from "../../command.ts";
import { failedTo } from "../../errors.ts";
import { flag } from "../../option.ts";

const stateLetters: Record<ModuleStatus, string> = { 0: "I", 1: "R", 2: "F", 3: "X" };
/** Seconds after which a module counts as idle. */
const maxIdle = 99;
const servicesWidth = 8;

export default command({
  name: "list",
  summary: "List loaded modules",
  dialect: "A",
  usage: "[OPTIONS]",
  options: { long: flag("-l, --long", "Include full DSO path for each module") },
  async run({ options, flux, out }) {
    const handle = await flux();
    const { mods } = await handle.call(module.list).catch(failedTo("list"));
    const title = `${"Module".padEnd(25)} Idle  S Sendq Recvq Service`;
    out.line(options.long ? `${title.padEnd(54)} Path` : title);
    for (const { name, idle, status, sendqueue, recvqueue, services, path } of mods) {
      const columns = [
        name.slice(0, 25).padEnd(25),
        (idle > maxIdle ? "idle" : String(idle)).padStart(4),
        ` ${stateLetters[status as ModuleStatus] ?? "?"}`,
        String(sendqueue).padStart(5),
        String(recvqueue).padStart(5),
      ].join(" ");
      const others = services.filter((service) => service !== name).join(",");
      out.line(
        options.long ? `${columns} ${cut(others).padEnd(8)} ${path}` : `${columns} ${others}`,
      );
    }
  },
});

function cut(text: string): string {
  return text.length > servicesWidth ? `${text.slice(0, servicesWidth - 1)}+` : text;
}
