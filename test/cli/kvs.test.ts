import { fluxCommand, Instance, notBuilt } from "@flux-ts/testing/instance";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

// What people and scripts see of `flux kvs` and `flux content`: measured with flux-core 0.88.

/** What a command line prints, on stdout or (first character `!`) on stderr with status 1. */
const cases: readonly [command: string, printed: string][] = [
  ["kvs put a.b=1 a.c=2", ""],
  ["kvs get a.b a.c", "1\n2\n"],
  ["kvs get -l a.b a.c", "a.b=1\na.c=2\n"],
  ["kvs get -r a.b", "1"],
  ["kvs get -t a.b", '{"data":"MQ==","type":"val","ver":1}\n'],
  ["kvs get nope", "!flux-kvs: nope: No such file or directory\n"],
  ["kvs get a", "!flux-kvs: a: Is a directory\n"],
  ["kvs put x", "!flux-kvs: put: you must specify a value as key=value\n"],
  ["kvs put =1", "!flux-kvs: : Invalid argument\n"],
  ["kvs put .=1", "!flux-kvs: flux_kvs_commit: Invalid argument\n"],
  ["kvs dir a", "a.b = 1\na.c = 2\n"],
  ["kvs dir -d a", "a.b\na.c\n"],
  ["kvs dir a.b", "!flux-kvs: a.b: Not a directory\n"],
  ["kvs dir a b", "!flux-kvs: dir: specify zero or one directory\n"],
  ["kvs link a l", ""],
  ["kvs link -T other x far", ""],
  ["kvs link a", "!flux-kvs: link: specify target and link_name\n"],
  ["kvs readlink l far", "a\nother::x\n"],
  ["kvs readlink -o far", "other\n"],
  ["kvs readlink -k far", "x\n"],
  ["kvs readlink a", "!flux-kvs: a: Invalid argument\n"],
  ["kvs get l.b", "1\n"],
  ["kvs ls -F a l far", "far@    l@\n\na:\nb    c\n"],
  ["kvs ls -1 a", "b\nc\n"],
  ["kvs ls -d a", "a\n"],
  ["kvs ls a.b.", "!a.b: Not a directory\n"],
  ["kvs mkdir d.e", ""],
  ["kvs dir -R d", "d.e.\n"],
  ["kvs unlink d", "!flux-kvs: cannot unlink 'd': Directory not empty\n"],
  ["kvs unlink nope", "!flux-kvs: cannot unlink 'nope': No such file or directory\n"],
  ["kvs unlink -f nope", ""],
  ["kvs unlink -R d", ""],
  ["kvs copy a copy", ""],
  ["kvs move copy moved", ""],
  ["kvs get moved.c", "2\n"],
  ["kvs get copy.c", "!flux-kvs: copy.c: No such file or directory\n"],
  ["kvs copy nope z", "!flux-kvs: flux_kvs_copy: No such file or directory\n"],
  ["kvs wait 2", ""],
  ["kvs namespace create n", ""],
  ["kvs namespace create n", "!flux-kvs: n: File exists\n"],
  ["kvs put -N n k=v", ""],
  ["kvs get -N n k", "v\n"],
  ["kvs getroot -N n -s", "1\n"],
  ["kvs namespace remove n", ""],
  ["kvs get -N n k", "!flux-kvs: k: Operation not supported\n"],
  ["kvs namespace remove primary", "!flux-kvs: primary: Operation not supported\n"],
  ["kvs eventlog append -t 1.5 log e1", ""],
  ['kvs eventlog append -t 62.5 log e2 {"a":1,"b":"x"}', ""],
  ["kvs eventlog append log e3 not json", "!flux-kvs: eventlog_entry_create: Invalid argument\n"],
  ["kvs eventlog get log", '1.500000 e1\n62.500000 e2 a=1 b="x"\n'],
  [
    "kvs eventlog get -u log",
    '{"timestamp":1.5,"name":"e1"}\n{"timestamp":62.5,"name":"e2","context":{"a":1,"b":"x"}}\n',
  ],
  ["kvs eventlog get -w -c 1 log", "1.500000 e1\n"],
  ["kvs eventlog get a.b", "!flux-kvs: cannot decode improperly formatted eventlog\n"],
  ["kvs eventlog wait-event log e2", '62.500000 e2 a=1 b="x"\n'],
  ["kvs eventlog wait-event -t 0.1 log nope", "!flux-kvs: wait-event timeout on event 'nope'\n"],
  ["kvs eventlog wait-event nope e", "!flux-kvs: eventlog path nope not found\n"],
  ["kvs get -a 42 a.b", "!flux-kvs: a.b: Invalid argument\n"],
  ["kvs sync", ""],
  ["content load", "!flux-content: no blobrefs were specified\n"],
  ["content load sha1-12", "!flux-content: error loading blob: Invalid argument\n"],
  ["content flush", ""],
];

describe.skipIf(notBuilt !== undefined)("flux kvs", () => {
  let instance: Instance;
  beforeAll(async () => {
    instance = await Instance.start();
  });
  afterAll(() => instance?.stop());

  test("prints and ends as flux-core's does", async () => {
    for (const [command, printed] of cases) {
      const { status, stdout, stderr } = await instance.run(fluxCommand, command.split(" "));
      const seen = status === 0 ? stdout : `!${stderr}`;
      expect(`${command}: ${seen}`).toBe(`${command}: ${printed}`);
    }
  });

  test("values come from standard input with --raw, blobs with content store", async () => {
    await instance.flux(["kvs", "put", "--raw", "in=-"], fluxCommand, "from stdin");
    expect(await instance.flux(["kvs", "get", "--raw", "in"])).toBe("from stdin");
    const stored = await instance.flux(
      ["content", "store", "--chunksize=3"],
      fluxCommand,
      "hello\n",
    );
    const refs = stored.trim().split("\n");
    expect(refs).toEqual([
      "sha1-3617b3d66d38049664288366ce2ef9f8b9747883",
      expect.stringMatching(/^sha1-[0-9a-f]{40}$/),
    ]);
    expect(await instance.flux(["content", "load", ...refs])).toBe("hello\n");
  });
});
