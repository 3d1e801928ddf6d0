import { attr } from "@flux-ts/protocol/services/attr";
import { command } from "../command.ts";
import { unless } from "../errors.ts";
import { flag } from "../option.ts";

const nameColumns = 40;

export default command({
  name: "lsattr",
  summary: "List broker attributes",
  dialect: "A",
  builtin: true,
  usage: "[-v]",
  options: { values: flag("-v, --values", "List values with attributes") },
  async run({ options, flux, out }) {
    const handle = await flux();
    const { names } = await handle.call(attr.list);
    const sorted = names.toSorted();
    if (!options.values) {
      for (const name of sorted) out.line(name);
      return;
    }
    const values = await Promise.all(
      sorted.map((name) => handle.call(attr.get, { name }).catch(unless("ENOENT"))),
    );
    for (const [i, name] of sorted.entries()) {
      out.line(`${name.padEnd(nameColumns)}${values[i]?.value ?? "-"}`);
    }
  },
});
