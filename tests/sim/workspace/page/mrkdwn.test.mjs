import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeEntities, parseInline, parseMrkdwn, parsePlain } from "../../../../bot/sim/workspace/page/mrkdwn.js";

const text = (words) => ({ type: "text", text: words });
const paragraph = (...children) => [{ type: "paragraph", children }];

test("entities are decoded once, and only Slack's three", () => {
  assert.equal(decodeEntities("&lt;b&gt; &amp;lt; &quot;"), "<b> &lt; &quot;");
});

for (const [source, type] of [["*bold*", "bold"], ["_it_", "italic"], ["~no~", "strike"]]) {
  test(`${source} is ${type}`, () => {
    assert.deepEqual(parseInline(source), [{ type, children: [text(source.slice(1, -1))] }]);
  });
}

for (const source of ["2*3*4", "snake_case_name", "* not bold *", "a * b", "**", "*open", "*two\nlines*", "~/path", "a ~ b ~ c"]) {
  test(`${JSON.stringify(source)} has no style`, () => {
    const nodes = parseInline(source);
    assert.ok(nodes.every((node) => ["text", "break"].includes(node.type)), JSON.stringify(nodes));
  });
}

test("styles nest", () => {
  assert.deepEqual(parseInline("*a _b_*"), [{ type: "bold", children: [text("a "), { type: "italic", children: [text("b")] }] }]);
});

test("a mark in code or in a link does not close a style", () => {
  const [bold] = parseInline("*a `x*` <https://x.example/*|y> b*");
  assert.equal(bold.type, "bold");
  assert.deepEqual(bold.children.map((node) => node.type), ["text", "code", "text", "link", "text"]);
});

test("code keeps its marks and decodes its entities", () => {
  assert.deepEqual(parseInline("`*a* &lt;b&gt;`"), [{ type: "code", text: "*a* <b>" }]);
});

for (const [source, node] of [
  ["<@U0ANA>", { type: "user", id: "U0ANA", label: null }],
  ["<@U0ANA|ana>", { type: "user", id: "U0ANA", label: "ana" }],
  ["<#C0OPS|ops>", { type: "channel", id: "C0OPS", label: "ops" }],
  ["<#C0OPS|>", { type: "channel", id: "C0OPS", label: null }],
  ["<!subteam^S0RELEASE|@releasers>", { type: "group", id: "S0RELEASE", label: "@releasers" }],
  ["<!channel>", { type: "broadcast", range: "channel" }],
  ["<!here|here>", { type: "broadcast", range: "here" }],
  ["<https://x.example/?a=1&amp;b=2|a &lt;b&gt;>", { type: "link", url: "https://x.example/?a=1&b=2", text: "a <b>" }],
  ["<https://x.example>", { type: "link", url: "https://x.example", text: "https://x.example" }],
  ["<mailto:a@x.example|write>", { type: "link", url: "mailto:a@x.example", text: "write" }],
  ["<!date^17^{time}^https://x.example|then>", { type: "date", unix: "17", format: "{time}", link: "https://x.example", fallback: "then" }],
  [":rocket:", { type: "emoji", name: "rocket" }],
]) {
  test(`${source} is understood`, () => assert.deepEqual(parseInline(source), [node]));
}

for (const source of ["<script>alert(1)</script>", "<javascript:alert(1)|x>", "<data:text/html,x>", "<@nobody>", "<!evil>", "a < b > c", "<>"]) {
  test(`${source} stays text`, () => assert.deepEqual(parseInline(source), [text(source)]));
}

test("a bare address is a link without the sentence's full stop", () => {
  assert.deepEqual(parseInline("see https://x.example/a."), [
    text("see "), { type: "link", url: "https://x.example/a", text: "https://x.example/a" }, text("."),
  ]);
});

test("times of day are no emoji of digits gone wrong", () => {
  assert.deepEqual(parseInline("at 14:32:05"), [text("at 14"), { type: "emoji", name: "32" }, text("05")]);
});

test("fences hold text as it is", () => {
  assert.deepEqual(parseMrkdwn("before\n```\n*x* &lt;y&gt;\n```\nafter"), [
    ...paragraph(text("before")), { type: "pre", text: "*x* <y>" }, ...paragraph(text("after")),
  ]);
});

test("quoted lines form one quote, escaped or not", () => {
  for (const mark of [">", "&gt;"]) {
    assert.deepEqual(parseMrkdwn(`${mark} a\n${mark}b\nc`), [
      { type: "quote", children: paragraph(text("a"), { type: "break" }, text("b")) }, ...paragraph(text("c")),
    ]);
  }
});

test("three marks quote everything after them", () => {
  const [first, quote, ...rest] = parseMrkdwn("a\n>>> b\nc");
  assert.equal(first.type, "paragraph");
  assert.equal(quote.type, "quote");
  assert.deepEqual(rest, []);
});

test("lines stay lines", () => {
  assert.deepEqual(parseMrkdwn("a\n\nb"), paragraph(text("a"), { type: "break" }, { type: "break" }, text("b")));
});

test("a wall of opening marks is read in one go", () => {
  const wall = "(*a ".repeat(10_000) + "(_b ".repeat(10_000) + "(<c ".repeat(10_000);
  const nodes = parseInline(wall);
  assert.deepEqual(nodes, [text(wall)]);
});

test("endless nesting ends", () => {
  const depth = 2_000;
  const nodes = parseInline("(*(_".repeat(depth) + "x" + "_)*)".repeat(depth));
  assert.ok(JSON.stringify(nodes).includes("x"));
});

test("plain text knows emoji and line breaks, nothing else", () => {
  assert.deepEqual(parsePlain("*a* :x:\n<b> &amp;"), [text("*a* "), { type: "emoji", name: "x" }, { type: "break" }, text("<b> &")]);
  assert.deepEqual(parsePlain(":x:", { emoji: false }), [text(":x:")]);
});
