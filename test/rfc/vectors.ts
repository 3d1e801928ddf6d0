import { readFileSync } from "node:fs";

/** Cases captured from flux-core 0.88: the rows of `vectors/<name>.json`. */
export function vectors<Row>(name: string): Row[] {
  const path = new URL(`./vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as Row[];
}
