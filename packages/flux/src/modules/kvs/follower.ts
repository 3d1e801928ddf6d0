import { Errno } from "@flux-ts/protocol/rpc/errno";
import type { JsonObject } from "@flux-ts/protocol/schema/json";
import {
  commitErrorEvent,
  namespaceTopic,
  type SetrootEvent,
  setrootEvent,
} from "@flux-ts/protocol/services/kvs";
import { type Effect, versionOf } from "./effect.ts";
import type { Namespace, NamespaceInit } from "./namespace.ts";
import type { Namespaces } from "./namespaces.ts";

interface HeldEvent {
  readonly topic: string;
  readonly payload: () => JsonObject;
}

/**
 * How ranks above 0 keep up: each new root arrives as an event, which also says which commits of this
 * rank it settles. A namespace is asked for upstream when somebody first uses it; events that overtake
 * the answer are kept until it is there. Times are monotonic seconds.
 */
export class Follower<Waiter> {
  readonly #namespaces: Namespaces<Waiter>;
  /** Namespaces that upstream was asked for, with the events that came since. */
  readonly #finding = new Map<string, HeldEvent[]>();

  constructor(namespaces: Namespaces<Waiter>) {
    this.#namespaces = namespaces;
  }

  /** Upstream is being asked for a namespace. */
  finding(name: string): void {
    this.#finding.set(name, []);
  }

  /** Upstream has answered; undefined: there is no such namespace. */
  found(name: string, init: NamespaceInit | undefined, now: number): Effect<Waiter>[] {
    const events = this.#finding.get(name) ?? [];
    this.#finding.delete(name);
    if (!init) return [];
    this.#namespaces.add(init, now);
    return events.flatMap(({ topic, payload }) => this.event(topic, payload, now));
  }

  /** An event about a namespace. `payload` is read only if it matters here. */
  event(topic: string, payload: () => JsonObject, now: number): Effect<Waiter>[] {
    const end = topic.lastIndexOf("-");
    const name = topic.slice(namespaceTopic.length, end);
    const held = this.#finding.get(name);
    if (held) {
      held.push({ topic, payload });
      return [];
    }
    const root = this.#namespaces.get(name)?.root;
    if (!root) return [];
    switch (topic.slice(end + 1)) {
      case "setroot": {
        const event = setrootEvent.check(payload(), topic);
        return root.hold(event) ? [] : follow(root, event, now);
      }
      case "error": {
        const { names, errnum } = commitErrorEvent.check(payload(), topic);
        return [{ do: "fail", waiters: root.takeCommits(names), errnum }];
      }
      case "removed":
        this.#namespaces.delete(name);
        return [{ do: "fail", waiters: root.remove(), errnum: Errno.ENOTSUP }];
      default:
        return [];
    }
  }
}

/** Take a root that rank 0 has made. */
export function follow<Waiter>(
  root: Namespace<Waiter>,
  { rootref, rootseq, names }: SetrootEvent,
  now: number,
): Effect<Waiter>[] {
  const reached = root.setRoot(rootref, rootseq);
  root.lastUsed = now;
  const version = versionOf(root);
  return [
    { do: "answer", waiters: root.takeCommits(names), version },
    { do: "answer", waiters: reached, version },
  ];
}
