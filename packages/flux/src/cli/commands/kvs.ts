import { group, lazy } from "../command.ts";

export default group({
  name: "kvs",
  summary: "Flux key-value store utility",
  dialect: "A",
  usage: "[OPTIONS] COMMAND ARGS",
  helpStatus: 1,
  commands: {
    namespace: lazy("Perform KVS namespace operations", () => import("./kvs/namespace.ts")),
    get: lazy("Get value stored under key", () => import("./kvs/get.ts")),
    put: lazy("Store value under key", () => import("./kvs/put.ts")),
    dir: lazy("Display all keys under directory", () => import("./kvs/dir.ts")),
    ls: lazy("List directory", () => import("./kvs/ls.ts")),
    unlink: lazy("Remove key", () => import("./kvs/unlink.ts")),
    link: lazy("Create a new name for target", () => import("./kvs/link.ts")),
    readlink: lazy("Retrieve the key a link refers to", () => import("./kvs/readlink.ts")),
    mkdir: lazy("Create a directory", () => import("./kvs/mkdir.ts")),
    copy: lazy("Copy source key to destination key", () => import("./kvs/copy.ts")),
    move: lazy("Move source key to destination key", () => import("./kvs/move.ts")),
    version: lazy("Display current KVS version", () => import("./kvs/version.ts")),
    wait: lazy("Block until the KVS reaches version", () => import("./kvs/wait.ts")),
    getroot: lazy("Get KVS root treeobj", () => import("./kvs/getroot.ts")),
    sync: lazy("sync content and checkpoint to disk", () => import("./kvs/sync.ts")),
    eventlog: lazy("Manipulate a KVS eventlog", () => import("./kvs/eventlog.ts")),
  },
});
