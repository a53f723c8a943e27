// Draws the two signs of the app's voice that many systems have no quiet glyph for. The character itself stays in the text,
// for screen readers, searching and copying.

import { element, lineDrawing } from "./dom.js";

const SHAPES = {
  "⏳": ["M4 2h8", "M4 14h8", "M5 2v2.6c0 1.6 3 2.2 3 3.4s-3 1.8-3 3.4V14", "M11 2v2.6C11 6.2 8 6.8 8 8s3 1.8 3 3.4V14"],
  "🔒": ["M3.5 7.5h9v6.5h-9Z", "M5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5", "M8 10v1.6"],
};

/** Text with its signs drawn: a list of strings and nodes. */
export function drawSigns(text) {
  return text.split(/(⏳|🔒)\uFE0F?/u).map((piece) => (piece in SHAPES ? drawSign(piece) : piece)).filter((piece) => piece !== "");
}

function drawSign(sign) {
  return element("span", { class: "sign" }, lineDrawing(SHAPES[sign], "icon"), element("span", { class: "sign-character" }, sign));
}
