// Slack's `rich_text` elements → the same tree as mrkdwn.js. Pure. Nothing here is escaped in Slack, so nothing is decoded.

/** A rich_text block (or a rich_text object in a table cell or task) as block nodes. */
export function parseRichText({ elements = [] }) {
  return elements.map(richBlock);
}

function richBlock(part) {
  switch (part.type) {
    case "rich_text_list":
      return listNode(part);
    case "rich_text_preformatted":
      return { type: "pre", text: plainWords(part.elements ?? []), language: part.language ?? null };
    case "rich_text_quote":
      return { type: "quote", children: [{ type: "paragraph", children: richInline(part.elements ?? []) }] };
    case "rich_text_section":
      return { type: "paragraph", children: richInline(part.elements ?? []) };
    default:
      return { type: "unknown", name: part.type };
  }
}

function listNode({ elements = [], style, indent = 0, offset = 0 }) {
  const items = elements.map((item) => ({ depth: indent, checked: null, children: richInline(item.elements ?? []) }));
  return { type: "list", ordered: style === "ordered", start: offset + 1, items };
}

function plainWords(elements) {
  return elements.map((part) => part.text ?? part.url ?? part.fallback ?? part.name ?? "").join("");
}

function richInline(elements) {
  return elements.flatMap((part) => styled(part.style ?? {}, inlineNodes(part)));
}

function inlineNodes(part) {
  switch (part.type) {
    case "text":
      return part.style?.code ? [{ type: "code", text: part.text }] : textNodes(part.text ?? "");
    case "link":
      return [{ type: "link", url: part.url ?? "", text: part.text || part.url || "" }];
    case "user":
      return [{ type: "user", id: part.user_id, label: null }];
    case "channel":
      return [{ type: "channel", id: part.channel_id, label: null }];
    case "usergroup":
      return [{ type: "group", id: part.usergroup_id, label: null }];
    case "broadcast":
      return [{ type: "broadcast", range: part.range }];
    case "emoji":
      return [{ type: "emoji", name: part.name }];
    case "date":
      return [{ type: "date", unix: part.timestamp, format: part.format, link: part.url ?? null, fallback: part.fallback ?? null }];
    case "color":
      return [{ type: "code", text: part.value ?? "" }];
    default:
      return [{ type: "unknown", name: part.type }];
  }
}

function textNodes(text) {
  return text.split("\n").flatMap((line, index) => [
    ...(index ? [{ type: "break" }] : []),
    ...(line ? [{ type: "text", text: line }] : []),
  ]);
}

function styled(style, nodes) {
  const wrap = (inner, name) => (style[name] ? [{ type: name, children: inner }] : inner);
  return ["strike", "italic", "bold"].reduce(wrap, nodes);
}
