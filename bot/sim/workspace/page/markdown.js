// The standard Markdown of Slack's `markdown` block → the same kind of tree as mrkdwn.js. A sensible subset; HTML stays text.
//
// More block nodes: {type: "heading", level, children}, {type: "list", ordered, start, items: [{depth, checked, children}]},
//                   {type: "rule"}, {type: "table", align, header, rows}, and "pre" may carry a language.

import { parseInline } from "./mrkdwn.js";

const FENCE = /^\s*(```|~~~)\s*([\w+-]*)\s*$/;
const HEADING = /^(#{1,6})\s+(.+?)\s*#*$/;
const RULE = /^\s*(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,})$/;
const ITEM = /^(\s*)(?:[-*+]|(\d{1,9})[.)])\s+(.*)$/;
const CHECKBOX = /^\[([ xX])\]\s+/;
const QUOTE = /^\s*>\s?/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;

/** A Markdown document as block nodes. */
export function parseMarkdown(text) {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    const { node, end } = readBlock(lines, at);
    if (node) blocks.push(node);
    at = end;
  }
  return blocks;
}

function readBlock(lines, at) {
  const line = lines[at];
  if (!line.trim()) return { node: null, end: at + 1 };
  if (FENCE.test(line)) return readFence(lines, at);
  const heading = HEADING.exec(line);
  if (heading) return { node: { type: "heading", level: heading[1].length, children: inline(heading[2]) }, end: at + 1 };
  if (RULE.test(line)) return { node: { type: "rule" }, end: at + 1 };
  if (QUOTE.test(line)) return readQuote(lines, at);
  if (ITEM.test(line)) return readList(lines, at);
  if (isTable(lines, at)) return readTable(lines, at);
  return readParagraph(lines, at);
}

function readFence(lines, at) {
  const [, mark, language] = FENCE.exec(lines[at]);
  let end = at + 1;
  while (end < lines.length && lines[end].trim() !== mark) end += 1;
  return { node: { type: "pre", text: lines.slice(at + 1, end).join("\n"), language: language || null }, end: end + 1 };
}

function readQuote(lines, at) {
  let end = at;
  while (end < lines.length && QUOTE.test(lines[end])) end += 1;
  const inner = lines.slice(at, end).map((line) => line.replace(QUOTE, "").replace(QUOTE, ""));
  return { node: { type: "quote", children: [{ type: "paragraph", children: inline(inner.join("\n")) }] }, end };
}

function readList(lines, at) {
  const ordered = ITEM.exec(lines[at])[2] !== undefined;
  const items = [];
  let end = at;
  for (; end < lines.length && ITEM.test(lines[end]); end += 1) {
    const [, indent, , words] = ITEM.exec(lines[end]);
    const box = CHECKBOX.exec(words);
    const checked = box ? box[1] !== " " : null;
    items.push({ depth: Math.min(Math.floor(indent.length / 2), 4), checked, children: inline(words.replace(CHECKBOX, "")) });
  }
  return { node: { type: "list", ordered, start: Number(ITEM.exec(lines[at])[2] ?? 1), items }, end };
}

function isTable(lines, at) {
  return lines[at].includes("|") && at + 1 < lines.length && TABLE_RULE.test(lines[at + 1]);
}

function readTable(lines, at) {
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end += 1;
  const align = cellsOf(lines[at + 1]).map(columnAlign);
  const [header, ...rows] = [lines[at], ...lines.slice(at + 2, end)].map((line) => cellsOf(line).map(inline));
  return { node: { type: "table", align, header, rows }, end };
}

function columnAlign(cell) {
  if (!cell.endsWith(":")) return "left";
  return cell.startsWith(":") ? "center" : "right";
}

function cellsOf(line) {
  return line.trim().replace(/^\||\|$/g, "").split("|").map((cell) => cell.trim());
}

function readParagraph(lines, at) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !startsBlock(lines, end)) end += 1;
  return { node: { type: "paragraph", children: inline(lines.slice(at, end).join("\n")) }, end };
}

function startsBlock(lines, at) {
  return [FENCE, HEADING, RULE, QUOTE, ITEM].some((shape) => shape.test(lines[at])) || isTable(lines, at);
}

const INLINE = new RegExp([
  /`([^`\n]+)`/, // code
  /!?\[([^\]\n]*)\]\(([^)\s]+)\)/, // link: words, address
  /\*\*(?=\S)([^\n]+?)\*\*/, // bold
  /__(?=\S)([^\n]+?)__/, // bold, the other way
  /~~(?=\S)([^\n]+?)~~/, // struck out
  /(?<![\p{L}\p{N}*])\*(?=[^\s*])([^*\n]+)\*/u, // italic
  /(?<![\p{L}\p{N}_])_(?=[^\s_])([^_\n]+)_(?![\p{L}\p{N}])/u, // italic, the other way; never inside a word
].map((part) => part.source).join("|"), "gu");

/** Inline Markdown; what is left between its marks may hold Slack's own `<@U…>` tokens and emoji names. */
function inline(text) {
  const nodes = [];
  let rest = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(...tokens(text.slice(rest, match.index)), inlineNode(match));
    rest = match.index + match[0].length;
  }
  return [...nodes, ...tokens(text.slice(rest))];
}

function inlineNode([, code, label, url, bold, bolder, strike, italic, slanted]) {
  if (code !== undefined) return { type: "code", text: code };
  if (url !== undefined) return { type: "link", url, text: label || url };
  if (strike !== undefined) return { type: "strike", children: inline(strike) };
  if (bold ?? bolder) return { type: "bold", children: inline(bold ?? bolder) };
  return { type: "italic", children: inline(italic ?? slanted) };
}

/** Slack's tokens without mrkdwn's own styles: a depth past the last makes parseInline leave `*`, `_`, `~` alone. */
function tokens(text) {
  return text ? parseInline(text, Number.POSITIVE_INFINITY) : [];
}
