import type { ResponseOf } from "@flux-ts/protocol/rpc/method";
import type { overlay } from "@flux-ts/protocol/services/overlay";
import { formatDuration } from "@flux-ts/protocol/text/duration";
import type { Idset } from "@flux-ts/protocol/text/idset";
import { sgr } from "../output/color.ts";
import type { BrokerTree } from "./broker-tree.ts";

export type Health = ResponseOf<typeof overlay.health>;

export interface StatusStyle {
  /** 1: time in the state; 2: also how long brokers took to answer, and ask leaves themselves. */
  readonly verbose: number;
  readonly color: boolean;
  readonly isPretty: boolean;
  /** Show brokers behind ones that are gone as gone, too. */
  readonly withGhosts: boolean;
  /** Ranks to mark, with those above them. */
  readonly highlight: Idset;
  /** All brokers, those below which something is wrong, or only how the whole subtree is. */
  readonly show: "all" | "down" | "summary";
}

interface Node {
  readonly rank: number;
  readonly status: string;
  /** Seconds in this status; undefined for ghosts. */
  readonly duration?: number;
  readonly error?: string | undefined;
  /** How long it took to answer; undefined if it was not asked. */
  readonly answeredMs?: number;
  readonly isGhost?: boolean;
}

/** What stands before a line, and before the lines below it. */
interface Indent {
  readonly own: string;
  readonly below: string;
}

const darkGray = "\x1b[90m";
const boldBlue = "\x1b[01;34m";
const defaultColor = "\x1b[39m";

/** Asks broker after broker how it is, and words what `flux overlay status` shows. */
export class StatusLines {
  readonly #tree: BrokerTree;
  readonly #style: StatusStyle;
  readonly #ask: (rank: number) => Promise<Health>;
  readonly #now: () => number;

  /** `now` in milliseconds. `ask` fails with what is to be shown. */
  constructor(
    tree: BrokerTree,
    style: StatusStyle,
    ask: (rank: number) => Promise<Health>,
    now: () => number,
  ) {
    this.#tree = tree;
    this.#style = style;
    this.#ask = ask;
    this.#now = now;
  }

  /** Lines of a subtree as answers arrive. Throws if its root does not answer. */
  async *of(rank: number): AsyncGenerator<string> {
    const before = this.#now();
    const health = await this.#ask(rank);
    yield* this.#subtree(health, this.#now() - before, { own: "", below: "" });
  }

  async *#subtree(health: Health, answeredMs: number, indent: Indent): AsyncGenerator<string> {
    const { rank, status, duration, children } = health;
    const node = { rank, status, duration, answeredMs };
    if (this.#isShown(node)) yield this.#line(node, indent.own);
    if (!this.#isFollowed(node)) return;
    for (const [i, child] of children.entries()) {
      yield* this.#child(child, this.#indentOf(indent, i === children.length - 1));
    }
  }

  async *#child(child: Node, indent: Indent): AsyncGenerator<string> {
    if (this.#isShown(child)) yield this.#line(child, indent.own);
    if (!this.#isFollowed(child)) return;
    if (isGone(child.status)) {
      yield* this.#ghosts(child, indent);
      return;
    }
    const before = this.#now();
    let health: Health;
    try {
      health = await this.#ask(child.rank);
    } catch (error) {
      const time = this.#rpcTime(this.#now() - before);
      yield `${indent.own}${this.#name(child.rank)}: ${(error as Error).message}${time}`;
      yield* this.#ghosts(child, indent);
      return;
    }
    yield* this.#subtree(health, this.#now() - before, indent);
  }

  /** Brokers that cannot be asked because the one above them is gone. */
  *#ghosts({ rank, status }: Node, indent: Indent): Generator<string> {
    if (!this.#style.withGhosts) return;
    const children = this.#tree.childrenOf(rank);
    for (const [i, child] of children.entries()) {
      const ghost = { rank: child, status, isGhost: true };
      const own = this.#indentOf(indent, i === children.length - 1);
      if (this.#isShown(ghost)) yield this.#line(ghost, own.own);
      if (this.#isFollowed(ghost)) yield* this.#ghosts(ghost, own);
    }
  }

  /** Brokers with others below them are shown when they have answered. */
  #isShown(node: Node): boolean {
    const { show, verbose } = this.#style;
    if (show === "summary") return true;
    if (show === "down" && node.status === "full") return false;
    return (
      node.answeredMs !== undefined ||
      isGone(node.status) ||
      (!this.#hasChildren(node) && verbose < 2)
    );
  }

  #isFollowed(node: Node): boolean {
    const { show, verbose } = this.#style;
    if (show === "summary" || (show === "down" && node.status === "full")) return false;
    return this.#hasChildren(node) || verbose >= 2;
  }

  #hasChildren({ rank }: Node): boolean {
    return this.#tree.childrenOf(rank).length > 0;
  }

  #indentOf({ below }: Indent, isLast: boolean): Indent {
    if (!this.#style.isPretty) return { own: "", below: "" };
    return isLast
      ? { own: `${below}└─ `, below: `${below}   ` }
      : { own: `${below}├─ `, below: `${below}│  ` };
  }

  #line(node: Node, indent: string): string {
    const { status, duration = 0, error, answeredMs } = node;
    const since = this.#style.verbose > 0 && duration > 0 ? ` for ${formatDuration(duration)}` : "";
    const time = answeredMs === undefined ? "" : this.#rpcTime(answeredMs);
    const name = this.#style.show === "summary" ? "" : `${this.#name(node.rank)}: `;
    return `${indent}${name}${this.#paint(status, node)}${since}${error ? ` ${error}` : ""}${time}`;
  }

  #rpcTime(ms: number): string {
    return this.#style.verbose < 2 ? "" : ` (${ms.toFixed(3)} ms)`;
  }

  #name(rank: number): string {
    const { highlight, color } = this.#style;
    const name = `${rank} ${this.#tree.hostOf(rank)}`;
    if (highlight.intersect(this.#tree.ranksFrom(rank)).isEmpty) return name;
    return color ? `${boldBlue}${name}${sgr.reset}` : `<<${name}>>`;
  }

  #paint(status: string, { isGhost }: Node): string {
    const { color } = this.#style;
    const paint = isGhost
      ? darkGray
      : status === "lost"
        ? sgr.red
        : status === "offline"
          ? sgr.yellow
          : undefined;
    return color && paint ? `${paint}${status}${defaultColor}` : status;
  }
}

const isGone = (status: string): boolean => status === "lost" || status === "offline";
