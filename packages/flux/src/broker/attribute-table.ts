/** What may be done with an attribute; wire-broker §3.5. */
export interface AttributeRule {
  /** Not to be set on the command line. */
  readonly readOnly?: true;
  /** `attr.set` may change it in a running broker. */
  readonly runtime?: true;
  /** Fixed once the broker runs: clients may cache it. */
  readonly immutable?: true;
  /** Value if nothing sets it. */
  readonly initial?: string;
}

const ro = { readOnly: true } as const;
const im = { immutable: true } as const;
const rt = { runtime: true } as const;
const fixed = { readOnly: true, immutable: true } as const;

/** Every attribute a broker knows by name. */
export const attributeRules: Readonly<Record<string, AttributeRule>> = {
  rank: fixed,
  size: fixed,
  version: ro,
  rundir: {},
  "rundir-cleanup": im,
  statedir: {},
  "statedir-cleanup": im,
  "security.owner": fixed,
  "local-uri": im,
  "parent-uri": fixed,
  jobid: fixed,
  "instance-level": { ...fixed, initial: "0" },
  "jobid-path": { ...fixed, initial: "/" },
  "parent-kvs-namespace": fixed,
  hostlist: im,
  hostname: im,
  "broker.mapping": fixed,
  "broker.critical-ranks": im,
  "broker.boot-method": im,
  "broker.pid": fixed,
  "broker.uuid": fixed,
  "broker.starttime": fixed,
  "broker.quorum": im,
  "broker.quorum-warn": { ...im, initial: "1m" },
  "broker.shutdown-warn": { ...im, initial: "1m" },
  "broker.shutdown-timeout": { ...im, initial: "none" },
  "broker.cleanup-timeout": { initial: "none" },
  "broker.unload-builtins-timeout": { initial: "1m" },
  "broker.rc1_path": {},
  "broker.rc3_path": {},
  "broker.rc2_none": {},
  "broker.rc2_pgrp": {},
  "broker.exit-restart": rt,
  "broker.exit-norestart": {},
  "broker.module-nopanic": rt,
  "broker.recovery-mode": {},
  "broker.sd-notify": {},
  "broker.sd-stop-timeout": { ...im, initial: "none" },
  "conf.shell_initrc": rt,
  "conf.shell_pluginpath": rt,
  "config.path": im,
  "tbon.topo": {},
  "tbon.zmqdebug": {},
  "tbon.zmq_io_threads": {},
  "tbon.child_rcvhwm": {},
  "tbon.torpid_min": {},
  "tbon.torpid_max": {},
  "tbon.tcp_user_timeout": {},
  "tbon.connect_timeout": {},
  "tbon.interface-hint": { ...im, ...rt },
  "tbon.prefertcp": {},
  "tbon.fanout": {},
  "tbon.level": ro,
  "tbon.maxlevel": ro,
  "tbon.descendants": ro,
  "tbon.endpoint": ro,
  "tbon.parent-endpoint": ro,
  "log-ring-size": { ...im, initial: "1024" },
  "log-forward-level": { ...im, initial: "3" },
  "log-critical-level": { ...im, initial: "2" },
  "log-level": { ...im, initial: "7" },
  "log-filename": {},
  "log-syslog-enable": { ...im, initial: "0" },
  "log-syslog-level": { ...im, initial: "3" },
  "log-stderr-mode": { ...im, initial: "leader" },
  "log-stderr-level": { ...rt, initial: "3" },
  "content.backing-module": {},
  "content.hash": { initial: "sha1" },
  "content.dump": rt,
  "content.restore": rt,
  "cron.directory": {},
};

const families: readonly [prefix: string, rule: AttributeRule][] = [
  ["vendor.", { runtime: true, immutable: true }],
  ["test.", rt],
  ["test-ro.", ro],
  ["test-nr.", {}],
  ["test-im.", im],
  ["test-rd.", rt],
];

/** The rule of an attribute, or undefined for a name no broker knows. */
export function attributeRule(name: string): AttributeRule | undefined {
  if (Object.hasOwn(attributeRules, name)) return attributeRules[name];
  return families.find(([prefix]) => name.startsWith(prefix))?.[1];
}
