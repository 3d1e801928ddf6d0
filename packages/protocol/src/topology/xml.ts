import { FluxError } from "../rpc/error.ts";

/** An XML element. Text between elements is not kept: hwloc's topologies have none that matters. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Map<string, string>;
  children: XmlElement[];
}

/** Deepest nesting and most elements accepted: far above any machine's topology. */
const maxDepth = 200;
const maxElements = 2_000_000;

export function element(
  name: string,
  attributes: Record<string, string | number | undefined> = {},
  children: XmlElement[] = [],
): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return { name, attributes: new Map(given.map(([key, value]) => [key, `${value}`])), children };
}

/** The text of an element and all that is in it, indented by two columns a level. */
export function printXml(root: XmlElement, indent = ""): string {
  let text = `${indent}<${root.name}`;
  for (const [key, value] of root.attributes) text += ` ${key}="${escapeXml(value)}"`;
  if (root.children.length === 0) return `${text}/>\n`;
  text += ">\n";
  for (const child of root.children) text += printXml(child, `${indent}  `);
  return `${text}${indent}</${root.name}>\n`;
}

/** A topology as a document, with the head that hwloc gives it. */
export function printDocument(topology: XmlElement): string {
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE topology SYSTEM "hwloc2.dtd">\n';
  return head + printXml(topology);
}

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\r": "&#13;",
  "\t": "&#9;",
};

function escapeXml(text: string): string {
  return text.replace(/[&<>"\n\r\t]/g, (character) => entities[character] ?? character);
}

const names: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]+)|#(\d+)|(\w+));/g, (all, hex, decimal, name) => {
    if (name) return names[name] ?? all;
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}

const attributeText = "[\\w:.-]+\\s*=\\s*(?:\"[^\"]*\"|'[^']*')";
// A comment, a declaration, a document type, or a tag: end mark, name, attributes, mark of an empty one.
const markup = new RegExp(
  [
    "<!--[\\s\\S]*?-->",
    "<\\?[\\s\\S]*?\\?>",
    "<![^>[]*(?:\\[[^\\]]*\\][^>]*)?>",
    `<(/?)([\\w:.-]+)((?:\\s+${attributeText})*)\\s*(/?)>`,
  ].join("|"),
  "g",
);
const attribute = /([\w:.-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** Read an XML document. Throws EINVAL. Entities of its own are not expanded. */
export function parseXml(text: string): XmlElement {
  const top = element("");
  const open = [top];
  let count = 0;
  for (const [, end, name, attributes, isEmpty] of text.matchAll(markup)) {
    if (!name) continue;
    const parent = open[open.length - 1];
    if (!parent) throw invalid("elements do not nest");
    if (end) {
      if (parent.name !== name) throw invalid(`</${name}> ends nothing`);
      open.pop();
      continue;
    }
    if (++count > maxElements || open.length > maxDepth) throw invalid("too large");
    const child = element(name, Object.fromEntries(readAttributes(attributes ?? "")));
    parent.children.push(child);
    if (!isEmpty) open.push(child);
  }
  const [root] = top.children;
  if (!root || open.length !== 1 || top.children.length !== 1) throw invalid("no single root");
  return root;
}

function* readAttributes(text: string): Generator<[string, string]> {
  for (const [, key = "", double, single] of text.matchAll(attribute)) {
    yield [key, unescapeXml(double ?? single ?? "")];
  }
}

function invalid(what: string): FluxError {
  return new FluxError("EINVAL", `invalid XML: ${what}`);
}
