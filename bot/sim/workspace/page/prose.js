// Draws the trees of mrkdwn.js, markdown.js and richtext.js as DOM nodes, for the person who is looking.

import { formatDateToken, fullMoment } from "./dates.js";
import { element, safeUrl } from "./dom.js";
import { emojiSign } from "./emoji.js";
import { parseMrkdwn, parsePlain } from "./mrkdwn.js";
import { formatRoute, placeOfPermalink } from "./route.js";
import { drawSigns } from "./signs.js";

/** A Slack text object (`mrkdwn` or `plain_text`) as nodes. `reader` is {viewer, directory, now}. */
export function drawTextObject(text, reader) {
  if (!text) return [];
  if (typeof text === "string") return drawInline(parsePlain(text), reader);
  if (text.type === "mrkdwn") return drawBlocks(parseMrkdwn(text.text ?? ""), reader);
  return drawInline(parsePlain(text.text ?? "", { emoji: text.emoji !== false }), reader);
}

/** Block nodes: paragraphs, lists, quotes, preformatted text, tables. */
export function drawBlocks(nodes, reader) {
  return nodes.map((node) => BLOCKS[node.type](node, reader));
}

const BLOCKS = {
  paragraph: (node, reader) => element("p", {}, drawInline(node.children, reader)),
  quote: (node, reader) => element("blockquote", {}, drawBlocks(node.children, reader)),
  pre: (node) => element("pre", {}, element("code", {}, node.text)),
  heading: (node, reader) =>
    element("p", { class: `md-heading level-${node.level}`, role: "heading", "aria-level": node.level + 2 }, drawInline(node.children, reader)),
  rule: () => element("hr"),
  list: drawList,
  table: (node, reader) =>
    drawTable({ rows: [node.header, ...node.rows].map((row) => row.map((cell) => drawInline(cell, reader))), align: node.align, hasHeader: true }),
  unknown: (node) => element("p", { class: "placeholder" }, `Not shown here: ${node.name}`),
};

function drawList(node, reader) {
  const tag = node.ordered ? "ol" : "ul";
  const items = node.items.map((item) => {
    const box = item.checked === null ? null : drawTick(item.checked);
    return element("li", { class: `depth-${item.depth}${box ? " has-check" : ""}` }, box, drawInline(item.children, reader));
  });
  return element(tag, { start: node.ordered && node.start !== 1 ? node.start : null }, items);
}

function drawTick(isDone) {
  return element("span", { class: "md-check", role: "img", "aria-label": isDone ? "done" : "not done" }, isDone ? "✓" : "");
}

/** A table whose cells are already nodes; it scrolls sideways in its own frame. */
export function drawTable({ rows, align = [], wrapped = [], hasHeader }) {
  const drawRow = (row, tag) =>
    element("tr", {}, row.map((cell, index) =>
      element(tag, { class: `align-${align[index] ?? "left"}${wrapped[index] ? " is-wrapped" : ""}`, scope: tag === "th" ? "col" : null }, cell)));
  const head = hasHeader && rows.length ? element("thead", {}, drawRow(rows[0], "th")) : null;
  const body = element("tbody", {}, rows.slice(head ? 1 : 0).map((row) => drawRow(row, "td")));
  return element("div", { class: "table-frame", tabindex: 0, role: "region", "aria-label": "Table" }, element("table", {}, head, body));
}

/** Inline nodes: words with their styles, mentions, links, dates, emoji. */
export function drawInline(nodes, reader) {
  return nodes.map((node) => INLINE[node.type](node, reader));
}

const INLINE = {
  text: (node) => drawSigns(node.text),
  break: () => element("br"),
  code: (node) => element("code", {}, node.text),
  bold: (node, reader) => element("strong", {}, drawInline(node.children, reader)),
  italic: (node, reader) => element("em", {}, drawInline(node.children, reader)),
  strike: (node, reader) => element("s", {}, drawInline(node.children, reader)),
  link: (node, reader) => drawPermalink(node, reader) ?? drawLink(node.url, node.text),
  emoji: (node) => drawEmoji(node.name),
  user: (node, reader) => mention(`@${nameOfUser(node, reader)}`, node.id === reader.viewer.id),
  channel: (node, reader) => mention(`#${node.label ?? reader.directory.channel(node.id)?.name ?? node.id}`, false),
  group: (node, reader) => drawGroup(node, reader),
  broadcast: (node) => mention(`@${node.range}`, true),
  date: drawDate,
  unknown: (node) => element("span", { class: "placeholder" }, `[${node.name}]`),
};

function nameOfUser(node, reader) {
  const user = reader.directory.user(node.id);
  return user?.real_name || user?.name || node.label || node.id;
}

function drawGroup(node, reader) {
  const group = reader.directory.group(node.id);
  const label = group?.handle ?? node.label?.replace(/^@/, "") ?? node.id;
  return mention(`@${label}`, group?.users?.includes(reader.viewer.id) ?? false);
}

function mention(words, ofMe) {
  return element("span", { class: `mention${ofMe ? " is-me" : ""}` }, words);
}

function drawEmoji(name) {
  const sign = emojiSign(name);
  if (!sign) return `:${name}:`;
  return element("span", { class: "emoji", role: "img", "aria-label": name.replaceAll("_", " ") }, drawSigns(sign));
}

/** A link that opens beside the page; an address that is no web address is shown as words. */
export function drawLink(url, words) {
  const target = safeUrl(url);
  if (!target) return element("span", {}, words);
  return element("a", { href: target, target: "_blank", rel: "noopener noreferrer", title: words === target ? null : target }, words);
}

/** A link to a message leads there at once, and one stays who one is. */
function drawPermalink({ url, text }, reader) {
  const place = placeOfPermalink(url, window.location.origin);
  return place && element("a", { href: formatRoute({ personId: reader.viewer.id, ...place }) }, text);
}

function drawDate(node, reader) {
  const words = formatDateToken(node, reader.viewer.tz, reader.now());
  const moment = new Date(Number(node.unix) * 1000);
  const known = !Number.isNaN(moment.getTime());
  const time = element("time", { datetime: known ? moment.toISOString() : null, title: known ? fullMoment(moment, reader.viewer.tz) : null }, words);
  const target = node.link && safeUrl(node.link);
  return target ? element("a", { href: target, target: "_blank", rel: "noopener noreferrer" }, time) : time;
}
