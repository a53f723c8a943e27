import assert from "node:assert/strict";
import { test } from "node:test";
import { parseMarkdown } from "../../../../bot/sim/workspace/page/markdown.js";

const text = (words) => ({ type: "text", text: words });
const only = (source) => {
  const blocks = parseMarkdown(source);
  assert.equal(blocks.length, 1, JSON.stringify(blocks));
  return blocks[0];
};
const inline = (source) => only(source).children;

test("headings have their level", () => {
  assert.deepEqual(only("### Change log"), { type: "heading", level: 3, children: [text("Change log")] });
});

test("styles, code and links", () => {
  assert.deepEqual(inline("**b** *i* _j_ ~~s~~ `c*c` [l](https://x.example)").filter((node) => node.type !== "text"), [
    { type: "bold", children: [text("b")] },
    { type: "italic", children: [text("i")] },
    { type: "italic", children: [text("j")] },
    { type: "strike", children: [text("s")] },
    { type: "code", text: "c*c" },
    { type: "link", url: "https://x.example", text: "l" },
  ]);
});

for (const source of ["2*3*4", "snake_case_name", "a * b * c", "*bold in Slack only at its edges", "<b>x</b>"]) {
  test(`${source} is only words`, () => assert.deepEqual(inline(source), [text(source)]));
}

test("lists know order, start, depth and ticks", () => {
  assert.deepEqual(only("- [x] done\n- [ ] open\n  - deeper"), {
    type: "list", ordered: false, start: 1, items: [
      { depth: 0, checked: true, children: [text("done")] },
      { depth: 0, checked: false, children: [text("open")] },
      { depth: 1, checked: null, children: [text("deeper")] },
    ],
  });
  const { ordered, start } = only("3. three\n4. four");
  assert.deepEqual({ ordered, start }, { ordered: true, start: 3 });
});

test("a fence keeps its text and language", () => {
  assert.deepEqual(only("```sql\nselect *\n\nfrom x\n```"), { type: "pre", text: "select *\n\nfrom x", language: "sql" });
});

test("a fence that is never closed holds the rest", () => {
  assert.deepEqual(only("```\na\nb"), { type: "pre", text: "a\nb", language: null });
});

test("tables know their columns", () => {
  const table = only("| a | b | c |\n|:--|:-:|--:|\n| 1 | 2 | 3 |");
  assert.deepEqual(table.align, ["left", "center", "right"]);
  assert.deepEqual(table.header, [[text("a")], [text("b")], [text("c")]]);
  assert.deepEqual(table.rows, [[[text("1")], [text("2")], [text("3")]]]);
});

test("rules, quotes and paragraphs follow each other", () => {
  assert.deepEqual(parseMarkdown("a\nb\n\n---\n> q").map((node) => node.type), ["paragraph", "rule", "quote"]);
});

test("Slack's own tokens are understood in between", () => {
  assert.deepEqual(inline("<@U0ANA> :x:"), [{ type: "user", id: "U0ANA", label: null }, text(" "), { type: "emoji", name: "x" }]);
});
