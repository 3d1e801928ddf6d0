import { expect, test } from "vitest";
import { TreeNode, type TreeStyle, treeLines } from "./tree.ts";

function sample(combine = true): TreeNode {
  const root = new TreeNode(".");
  const flux = new TreeNode("flux");
  for (const label of ["a", "a", "b", "a"]) flux.add(new TreeNode(label), combine);
  root.add(flux, combine);
  root.add(new TreeNode("sleep"), combine);
  return root;
}
const lines = (node: TreeNode, style: TreeStyle = "box", width?: number): string[] => [
  ...treeLines(node, style, width),
];

test("equal leaves are counted", () => {
  expect(lines(sample())).toEqual([".", "├── flux", "│   ├── 3*[a]", "│   └── b", "└── sleep"]);
});

test("equal leaves may be shown one by one", () => {
  expect(lines(sample(false))).toHaveLength(7);
});

test("there are other styles", () => {
  expect(lines(sample(), "ascii")[1]).toBe("|-- flux");
  expect(lines(sample(), "compact").slice(1, 4)).toEqual(["├─flux", "│ ├─3*[a]", "│ └─b"]);
});

test("long lines are cut", () => {
  expect(lines(sample(), "box", 6)).toEqual([".", "├── f+", "│   ├+", "│   └+", "└── s+"]);
});

test("details stand before the tree", () => {
  const root = new TreeNode("root", "x");
  root.add(new TreeNode("child", "y"), true);
  expect(lines(root)).toEqual(["x root", "y └── child"]);
});

test("leaves with other details are not equal", () => {
  const root = new TreeNode(".");
  root.add(new TreeNode("a", "1"), true);
  root.add(new TreeNode("a", "2"), true);
  expect(root.children).toHaveLength(2);
});
