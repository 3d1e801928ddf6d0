import { expect, test } from "vitest";
import { element, parseXml, printXml } from "./xml.ts";

test("what was printed reads as the same elements", () => {
  const root = element("topology", { version: "2.0" }, [
    element("object", { type: "Machine", os_index: 0 }, [
      element("info", { name: "a<b", value: 'say "hi" & go\n' }),
    ]),
    element("support", { name: "x" }),
  ]);
  expect(parseXml(printXml(root))).toEqual(root);
});

test("prologue, document type, comments and foreign text are passed over", () => {
  const text = `<?xml version="1.0"?>
    <!DOCTYPE t SYSTEM "x.dtd" [ <!ENTITY a "b"> ]>
    <!-- <t> -->
    <t a='1'>text<b/></t>`;
  expect(parseXml(text)).toEqual(element("t", { a: 1 }, [element("b")]));
});

test("character references are resolved, unknown entities stay", () => {
  const root = parseXml('<t a="&#65;&#x42;&lt;&amp;&quot;&apos;&gt;&own;"/>');
  expect(root.attributes.get("a")).toBe("AB<&\"'>&own;");
});

test("text that is no document is refused", () => {
  for (const text of ["", "text", "<a>", "<a></b>", "</a>", "<a/><b/>", "<a></a></a>"]) {
    expect(() => parseXml(text)).toThrow("invalid XML");
  }
});

test("nesting beyond any machine's is refused", () => {
  expect(() => parseXml("<a>".repeat(1000) + "</a>".repeat(1000))).toThrow("too large");
});
