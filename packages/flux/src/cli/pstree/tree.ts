import { lengthOf } from "../output/format-value.ts";

/** A line of the tree and what hangs below it. */
export class TreeNode {
  readonly label: string;
  /** Details that stand before the tree; empty for none. */
  readonly details: string;
  readonly children: TreeNode[] = [];
  /** How many equal leaves this one stands for. */
  count = 1;

  constructor(label: string, details = "") {
    this.label = label;
    this.details = details;
  }

  /** Add a child. With `combine`, a leaf that is already there counts once more instead. */
  add(child: TreeNode, combine: boolean): void {
    const isLeaf = child.children.length === 0;
    const equal = combine && isLeaf ? this.#equalLeaf(child) : undefined;
    if (equal) equal.count++;
    else this.children.push(child);
  }

  #equalLeaf({ label, details }: TreeNode): TreeNode | undefined {
    return this.children.find(
      (each) => each.children.length === 0 && each.label === label && each.details === details,
    );
  }
}

export type TreeStyle = "box" | "ascii" | "compact";

/** What stands before a child and before what is below it; the same for the last child. */
const connectors = {
  box: { tee: "├── ", pipe: "│   ", elbow: "└── ", blank: "    " },
  ascii: { tee: "|-- ", pipe: "|   ", elbow: "`-- ", blank: "    " },
  compact: { tee: "├─", pipe: "│ ", elbow: "└─", blank: "  " },
} as const;

/** The lines of a tree, cut at `width` columns if that is given. */
export function* treeLines(
  node: TreeNode,
  style: TreeStyle,
  width?: number,
  own = "",
  below = "",
): IterableIterator<string> {
  const label = node.count > 1 ? `${node.count}*[${node.label}]` : node.label;
  yield cut(`${node.details === "" ? "" : `${node.details} `}${own}${label}`, width);
  const { tee, pipe, elbow, blank } = connectors[style];
  for (const [i, child] of node.children.entries()) {
    const isLast = i === node.children.length - 1;
    const [first, rest] = isLast ? [elbow, blank] : [tee, pipe];
    yield* treeLines(child, style, width, below + first, below + rest);
  }
}

function cut(line: string, width: number | undefined): string {
  if (width === undefined || lengthOf(line) <= width) return line;
  return `${Array.from(line)
    .slice(0, width - 1)
    .join("")}+`;
}
