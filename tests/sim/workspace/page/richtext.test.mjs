import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRichText } from "../../../../bot/sim/workspace/page/richtext.js";

const section = (...elements) => parseRichText({ elements: [{ type: "rich_text_section", elements }] })[0].children;

test("text is taken as it is: nothing is decoded or styled by marks", () => {
  assert.deepEqual(section({ type: "text", text: "*a* &amp; <b>" }), [{ type: "text", text: "*a* &amp; <b>" }]);
});

test("styles wrap, code stands alone", () => {
  assert.deepEqual(section({ type: "text", text: "x", style: { bold: true, strike: true } }), [
    { type: "bold", children: [{ type: "strike", children: [{ type: "text", text: "x" }] }] },
  ]);
  assert.deepEqual(section({ type: "text", text: "x", style: { code: true } }), [{ type: "code", text: "x" }]);
});

test("mentions, links, dates and emoji become the nodes of mrkdwn", () => {
  const types = section(
    { type: "user", user_id: "U1" }, { type: "channel", channel_id: "C1" }, { type: "usergroup", usergroup_id: "S1" },
    { type: "broadcast", range: "here" }, { type: "emoji", name: "x" }, { type: "link", url: "https://x.example" },
    { type: "date", timestamp: 17, format: "{time}" },
  ).map((node) => node.type);
  assert.deepEqual(types, ["user", "channel", "group", "broadcast", "emoji", "link", "date"]);
});

test("lists keep order, offset and indent", () => {
  const elements = [{ type: "rich_text_section", elements: [{ type: "text", text: "a" }] }];
  const [list] = parseRichText({ elements: [{ type: "rich_text_list", style: "ordered", indent: 1, offset: 2, elements }] });
  assert.deepEqual(list, { type: "list", ordered: true, start: 3, items: [{ depth: 1, checked: null, children: [{ type: "text", text: "a" }] }] });
});

test("preformatted text and quotes", () => {
  const elements = [{ type: "text", text: "a\nb" }];
  const [pre, quote] = parseRichText({ elements: [{ type: "rich_text_preformatted", elements }, { type: "rich_text_quote", elements }] });
  assert.deepEqual(pre, { type: "pre", text: "a\nb", language: null });
  assert.equal(quote.type, "quote");
});

test("what is not known is named", () => {
  assert.deepEqual(section({ type: "hologram" }), [{ type: "unknown", name: "hologram" }]);
  assert.deepEqual(parseRichText({ elements: [{ type: "rich_text_hologram" }] }), [{ type: "unknown", name: "rich_text_hologram" }]);
});
