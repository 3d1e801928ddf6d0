import { expect, test } from "vitest";
import { resourceSetFromConfig } from "./resource-config.ts";
import { toR } from "./resource-set-json.ts";

test("hosts get ranks as they first appear; later tables add to them", () => {
  const set = resourceSetFromConfig([
    { hosts: "n[1-2]", cores: "0-3" },
    { hosts: "login", cores: "0", properties: ["login"] },
    { hosts: "n2", gpus: "0-1", properties: ["gpu", "big"] },
  ]);
  expect(toR(set).execution).toMatchObject({
    R_lite: [
      { rank: "0", children: { core: "0-3" } },
      { rank: "1", children: { core: "0-3", gpu: "0-1" } },
      { rank: "2", children: { core: "0" } },
    ],
    nodelist: ["n[1-2],login"],
    properties: { login: "2", gpu: "1", big: "1" },
  });
});

test.each([
  [{}, "resource config must be an array"],
  [[], "no hosts configured"],
  [[3], "config[0]: not a table"],
  [[{ hosts: "a", cores: "0", core: "1" }], "config[0]: unknown key core"],
  [[{ cores: "0" }], "config[0]: hosts must be a string"],
  [[{ hosts: "a[" }], "config[0]: invalid hostlist 'a['"],
  [[{ hosts: "" }], "config[0]: empty hostlist specified"],
  [[{ hosts: "a", cores: 4 }], "config[0]: cores must be a string"],
  [[{ hosts: "a", cores: "x" }], "config[0]: invalid idset cores='x'"],
  [[{ hosts: "a", cores: "0", properties: "p" }], "config[0]: properties must be an array"],
  [[{ hosts: "a", cores: "0", properties: ["p|q"] }], 'config[0]: invalid property "p|q"'],
  [[{ hosts: "a[0-2]" }], "resource.config: a[0-2] assigned no resources"],
  [
    [
      { hosts: "a", cores: "0" },
      { hosts: "a", cores: "0" },
    ],
    "core0 is in both resource sets",
  ],
])("configuration %j is refused", (config, message) => {
  expect(() => resourceSetFromConfig(config)).toThrow(message);
});
