// Builds DOM nodes. Data only ever becomes text nodes and attributes, so nothing a message says can turn into markup.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

/** Make an element; `attributes.on` holds listeners, false and null attributes are left out, children may nest. */
export function element(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "on") listen(node, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function listen(node, listeners) {
  for (const [event, listener] of Object.entries(listeners)) {
    if (listener) node.addEventListener(event, listener);
  }
}

const ICONS = {
  hash: ["M6.5 2.5 5 13.5", "M11 2.5 9.5 13.5", "M3 6h11", "M2 10.5h11"],
  eye: ["M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8Z", "M8 6.2a1.8 1.8 0 1 0 0 3.6 1.8 1.8 0 0 0 0-3.6Z"],
  close: ["M4 4l8 8", "M12 4l-8 8"],
  back: ["M9.5 3.5 5 8l4.5 4.5", "M5 8h8.5"],
  menu: ["M2.5 4h11", "M2.5 8h11", "M2.5 12h11"],
  more: ["M3.5 8h.01", "M8 8h.01", "M12.5 8h.01"],
  reply: ["M2.5 3.5h11v7.5h-6l-3 2.5V11h-2Z"],
  send: ["M2.5 8 13.5 3l-3 10-3-4Z", "M7.5 9l6-6"],
  home: ["M2.5 7.5 8 3l5.5 4.5", "M4 6.8V13h8V6.8", "M6.8 13V9.5h2.4V13"],
  direct: ["M2.5 3.5h11v7.5h-6l-3 2.5V11h-2Z", "M5 6.2h6", "M5 8.5h4"],
  out: ["M9 3h4v4", "M13 3 7.5 8.5", "M11 9.5V13H3V5h3.5"],
  down: ["M8 3v9.5", "M4 8.8l4 4 4-4"],
  choose: ["M4 6.2l4 4 4-4"],
  spark: ["M8 2v3.2", "M8 10.8V14", "M2 8h3.2", "M10.8 8H14", "M3.9 3.9l2 2", "M10.1 10.1l2 2", "M12.1 3.9l-2 2", "M5.9 10.1l-2 2"],
  tick: ["M3 8.5 6.5 12 13 4.5"],
  layers: ["M8 2.2 14 5.3 8 8.4 2 5.3Z", "M2.5 8.2 8 11l5.5-2.8", "M2.5 10.9 8 13.7l5.5-2.8"],
  search: ["M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Z", "M10.3 10.3l3.2 3.2"],
};

/** A line icon; decorative, so the control around it carries the name. */
export function icon(name) {
  return lineDrawing(ICONS[name], `icon icon-${name}`);
}

/** Strokes on a 16 by 16 field. */
export function lineDrawing(shapes, className) {
  const svg = document.createElementNS(SVG_NAMESPACE, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  for (const shape of shapes) {
    const path = document.createElementNS(SVG_NAMESPACE, "path");
    path.setAttribute("d", shape);
    svg.append(path);
  }
  return svg;
}

/** The round sign of a person or app: an initial on a quiet tint. */
export function avatar(user, size = "") {
  const initial = [...(user.real_name || user.name || "?")][0].toUpperCase();
  const shape = user.is_bot ? " is-app" : "";
  return element("span", { class: `avatar tint-${user.tint} ${size}${shape}`, "aria-hidden": "true" }, initial);
}

/** Where a link from outside may lead; anything else (javascript:, data:) is shown as words. */
export function safeUrl(url) {
  return /^(https?:|mailto:)/i.test(String(url)) ? String(url) : null;
}
