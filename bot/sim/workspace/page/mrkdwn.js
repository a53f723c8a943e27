// Slack's mrkdwn → a tree of nodes. Pure: knows nothing of the DOM; `prose.js` draws the tree.
//
// Block nodes:  {type: "paragraph", children}, {type: "quote", children: blocks}, {type: "pre", text}
// Inline nodes: text, break, code {text}, bold/italic/strike {children}, link {url, text}, user {id, label},
//               channel {id, label}, group {id, label}, broadcast {range}, date {unix, format, link, fallback}, emoji {name}

const STYLES = { "*": "bold", _: "italic", "~": "strike" };
const MAX_DEPTH = 8; // deeper nesting is no longer formatting but an attack on the stack
const WORD = /[\p{L}\p{N}_]/u;
const EMOJI = /:([a-z0-9_+-]+):/y;
const BARE_URL = /https?:\/\/[^\s<>|]+/y;
const QUOTE_MARK = /^(?:>|&gt;) ?/;
const LONG_QUOTE_MARK = /^(?:>>>|&gt;&gt;&gt;) ?/;

/** Slack escapes exactly these three; decoding happens once, so `&amp;lt;` stays `&lt;`. */
export function decodeEntities(text) {
  const signs = { "&amp;": "&", "&lt;": "<", "&gt;": ">" };
  return text.replace(/&(?:amp|lt|gt);/g, (entity) => signs[entity]);
}

/** A message's text as block nodes. */
export function parseMrkdwn(text) {
  const blocks = [];
  for (const [index, part] of splitFences(text).entries()) {
    if (index % 2) blocks.push({ type: "pre", text: decodeEntities(part) });
    else blocks.push(...parseLines(part));
  }
  return blocks;
}

/** Text outside and inside ``` fences, in turns; the newlines that only set a fence apart are dropped. */
function splitFences(text) {
  const parts = [];
  let rest = 0;
  for (const match of text.matchAll(/```\n?([\s\S]+?)\n?```/g)) {
    parts.push(text.slice(rest, match.index).replace(/\n$/, ""), match[1]);
    rest = match.index + match[0].length;
  }
  parts.push(rest ? text.slice(rest).replace(/^\n/, "") : text);
  return parts;
}

function parseLines(text) {
  if (!text) return [];
  const blocks = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; ) {
    const end = LONG_QUOTE_MARK.test(lines[index]) ? lines.length : endOfKind(lines, index);
    const quoted = QUOTE_MARK.test(lines[index]);
    const own = lines.slice(index, end).map((line) => line.replace(LONG_QUOTE_MARK, "").replace(QUOTE_MARK, ""));
    const paragraph = { type: "paragraph", children: parseInline((quoted ? own : lines.slice(index, end)).join("\n")) };
    blocks.push(quoted ? { type: "quote", children: [paragraph] } : paragraph);
    index = end;
  }
  return blocks;
}

/** Where the run of lines ends that are all quoted, or all not. */
function endOfKind(lines, start) {
  const quoted = QUOTE_MARK.test(lines[start]);
  let end = start + 1;
  while (end < lines.length && QUOTE_MARK.test(lines[end]) === quoted && !LONG_QUOTE_MARK.test(lines[end])) end += 1;
  return end;
}

/** One run of text as inline nodes. */
export function parseInline(text, depth = 0) {
  const nodes = [];
  const fruitless = new Map(); // opener → up to where no closing mark exists, so that a wall of marks costs one look
  let plain = "";
  let at = 0;
  const flush = () => {
    if (plain) nodes.push({ type: "text", text: decodeEntities(plain) });
    plain = "";
  };
  while (at < text.length) {
    const found = readNode(text, at, depth, fruitless);
    if (found) {
      flush();
      nodes.push(found.node);
      at = found.end;
    } else {
      plain += text[at];
      at += 1;
    }
  }
  flush();
  return nodes;
}

function readNode(text, at, depth, fruitless) {
  const sign = text[at];
  if (sign === "\n") return { node: { type: "break" }, end: at + 1 };
  if (sign === "`") return readCode(text, at);
  if (sign === "<") return readAngle(text, at);
  if (sign === ":") return readEmoji(text, at);
  if (sign === "h") return readBareUrl(text, at);
  if (sign in STYLES && depth < MAX_DEPTH) return readStyled(text, at, depth, fruitless);
  return null;
}

function readCode(text, at) {
  const close = text.indexOf("`", at + 1);
  const inner = close < 0 ? "" : text.slice(at + 1, close);
  if (!inner || inner.includes("\n")) return null;
  return { node: { type: "code", text: decodeEntities(inner) }, end: close + 1 };
}

function readEmoji(text, at) {
  EMOJI.lastIndex = at;
  const match = EMOJI.exec(text);
  return match && { node: { type: "emoji", name: match[1] }, end: EMOJI.lastIndex };
}

function readBareUrl(text, at) {
  if (at > 0 && WORD.test(text[at - 1])) return null;
  BARE_URL.lastIndex = at;
  const match = BARE_URL.exec(text);
  if (!match) return null;
  const raw = match[0].replace(/(?:[.,;:!?)*_~'"`]|&gt;|&lt;)+$/, ""); // punctuation after an address belongs to the sentence
  const url = decodeEntities(raw);
  return { node: { type: "link", url, text: url }, end: at + raw.length };
}

function readStyled(text, at, depth, fruitless) {
  const mark = text[at];
  const close = (fruitless.get(mark) ?? -1) > at ? null : findClose(text, at, mark, fruitless);
  if (close === null) return null;
  const children = parseInline(text.slice(at + 1, close), depth + 1);
  return { node: { type: STYLES[mark], children }, end: close + 1 };
}

/** The closing mark of a style that opens here, or null. A mark inside a word, beside a blank or in code is only a character. */
function findClose(text, at, mark, fruitless) {
  const opens = !(at > 0 && WORD.test(text[at - 1])) && /[^\s]/.test(text[at + 1] ?? " ") && text[at + 1] !== mark;
  if (!opens) return null;
  let index = at + 1;
  for (; index < text.length && text[index] !== "\n"; index += 1) {
    const skipped = text[index] === "`" ? readCode(text, index) : text[index] === "<" ? readAngle(text, index) : null;
    if (skipped) index = skipped.end - 1;
    else if (text[index] === mark && !/\s/.test(text[index - 1]) && !WORD.test(text[index + 1] ?? " ")) return index;
  }
  fruitless.set(mark, index);
  return null;
}

function readAngle(text, at) {
  const close = text.indexOf(">", at + 1);
  const inner = close < 0 ? "" : text.slice(at + 1, close);
  if (!inner || /[\n<]/.test(inner)) return null;
  const node = angleNode(inner);
  return node && { node, end: close + 1 };
}

function angleNode(inner) {
  const bar = inner.indexOf("|");
  const target = bar < 0 ? inner : inner.slice(0, bar);
  const label = bar < 0 ? null : decodeEntities(inner.slice(bar + 1)) || null;
  if (/^@[UW]\w+$/.test(target)) return { type: "user", id: target.slice(1), label };
  if (/^#[CGD]\w+$/.test(target)) return { type: "channel", id: target.slice(1), label };
  if (/^!subteam\^\w+$/.test(target)) return { type: "group", id: target.split("^")[1], label };
  if (/^!(here|channel|everyone)$/.test(target)) return { type: "broadcast", range: target.slice(1) };
  if (target.startsWith("!date^")) return dateNode(target, label);
  if (/^(https?:\/\/|mailto:)/i.test(target)) return linkNode(decodeEntities(target), label);
  return null;
}

function linkNode(url, label) {
  return { type: "link", url, text: label ?? url.replace(/^mailto:/i, "") };
}

function dateNode(target, fallback) {
  const [, unix, format, link] = target.split("^");
  if (format === undefined) return null;
  return { type: "date", unix, format: decodeEntities(format), link: link ? decodeEntities(link) : null, fallback };
}

/** A plain_text object: only emoji names and line breaks mean something. */
export function parsePlain(text, { emoji = true } = {}) {
  const nodes = [];
  for (const [index, line] of text.split("\n").entries()) {
    if (index) nodes.push({ type: "break" });
    for (const [place, piece] of line.split(/:([a-z0-9_+-]+):/).entries()) {
      if (place % 2 && emoji) nodes.push({ type: "emoji", name: piece });
      else if (place % 2) nodes.push({ type: "text", text: `:${piece}:` });
      else if (piece) nodes.push({ type: "text", text: decodeEntities(piece) });
    }
  }
  return nodes;
}
