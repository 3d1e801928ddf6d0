import { type Kvs, valueBytes } from "@flux-ts/client/kvs";
import { encodeTreeObject, type TreeObject } from "@flux-ts/protocol/kvs/treeobj";
import { FluxError } from "@flux-ts/protocol/rpc/error";
import { KvsFlag } from "@flux-ts/protocol/services/kvs";
import { command } from "../../command.ts";
import { failedToErrno } from "../../errors.ts";
import { flag, int } from "../../option.ts";
import type { Output } from "../../output/output.ts";
import { atOption, kvsOf, namespaceOption, snapshotOf, textBytes } from "./options.ts";

interface GetOptions {
  readonly raw: boolean;
  readonly treeobj: boolean;
  readonly label: boolean;
  readonly stream: boolean;
}

export default command({
  name: "get",
  summary: "Get value stored under key",
  dialect: "A",
  usage: "[-N ns] [-r|-t] [-a treeobj] [-l] [-W] [-w] [-u] [-A] [-f] [-S] [-c COUNT] key [key...]",
  args: { keys: "KEY..." },
  options: {
    namespace: namespaceOption,
    raw: flag("-r, --raw", "Interpret value(s) as raw data"),
    treeobj: flag("-t, --treeobj", "Show RFC 11 object"),
    at: atOption,
    label: flag("-l, --label", "Print key= before value"),
    waitcreate: flag("-W, --waitcreate", "Wait for creation to occur on watch"),
    watch: flag("-w, --watch", "Monitor key writes"),
    uniq: flag("-u, --uniq", "Only monitor key writes if values have changed"),
    append: flag("-A, --append", "Only monitor key appends"),
    full: flag("-f, --full", "Monitor key changes with more complete accuracy"),
    count: int("-c, --count=COUNT", "Display at most COUNT changes", { initial: 0 }),
    stream: flag("-S, --stream", "Return potentially large values in multiple responses."),
  },
  async run({ args, options, flux, out, env }) {
    const kvs = kvsOf(await flux(), options.namespace, env);
    const { watch, stream, waitcreate, at } = options;
    const flags = options.treeobj ? KvsFlag.Treeobj : 0;
    let count = 0;
    const show = (key: string, value: TreeObject): boolean => {
      printValue(out, key, value, options);
      return watch && options.count > 0 && ++count === options.count;
    };
    const getOne = async (key: string): Promise<void> => {
      if (at !== undefined && (watch || stream || waitcreate)) throw new FluxError("EINVAL");
      if (watch || stream) await follow(kvs, key, { ...options, flags }, show);
      else show(key, await kvs.lookup(key, flags, { at: snapshotOf(at), waitcreate }));
      if (stream && !options.treeobj && !options.raw) out.write("\n");
    };
    if (watch) {
      await Promise.all(args.keys.map((key) => getOne(key).catch(failedToErrno(key))));
      return;
    }
    for (const key of args.keys) await getOne(key).catch(failedToErrno(key));
  },
});

interface FollowOptions {
  readonly watch: boolean;
  readonly stream: boolean;
  readonly waitcreate: boolean;
  readonly uniq: boolean;
  readonly append: boolean;
  readonly full: boolean;
  readonly flags: number;
}

async function follow(
  kvs: Kvs,
  key: string,
  options: FollowOptions,
  show: (key: string, value: TreeObject) => boolean,
): Promise<void> {
  const { watch, stream } = options;
  if (watch && stream) throw new FluxError("EINVAL");
  const kinds = watch ? options : { uniq: false, append: false, full: false };
  const { uniq, append, full } = kinds;
  const { waitcreate, flags } = options;
  for await (const value of kvs.watch(key, { uniq, append, full, waitcreate, stream, flags })) {
    if (value && show(key, value)) return;
  }
}

function printValue(out: Output, key: string, value: TreeObject, options: GetOptions): void {
  const label = options.label ? `${key}=` : "";
  if (options.treeobj) {
    out.line(label + encodeTreeObject(value));
    return;
  }
  const bytes = valueBytes(value);
  if (label) out.write(label);
  if (options.raw) {
    out.write(bytes);
  } else if (bytes.length > 0) {
    out.write(textBytes(bytes));
    if (!options.stream) out.write("\n");
  }
}
