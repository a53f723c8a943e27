// Draws Block Kit blocks. A block this page does not know is shown as a labelled placeholder, never dropped.

import { element, safeUrl } from "./dom.js";
import { drawElement } from "./elements.js";
import { parseMarkdown } from "./markdown.js";
import { drawPlan, drawTask } from "./plans.js";
import { drawBlocks, drawInline, drawLink, drawTable, drawTextObject } from "./prose.js";
import { parsePlain } from "./mrkdwn.js";
import { parseRichText } from "./richtext.js";

/** Blocks as nodes. `surface` says where they stand: its key, address, reader, drafts, presses and errors. */
export function drawKit(blocks, surface) {
  return blocks.map((block) => {
    const draw = BLOCKS[block.type] ?? drawUnknown;
    return element("div", { class: `block block-${String(block.type).replaceAll("_", "-")}` }, draw(block, surface));
  });
}

const BLOCKS = {
  section: drawSection,
  header: drawHeader,
  divider: () => element("hr"),
  context: drawContext,
  actions: drawActions,
  context_actions: drawActions,
  input: drawInput,
  rich_text: (block, { reader }) => drawBlocks(parseRichText(block), reader),
  markdown: (block, { reader }) => drawBlocks(parseMarkdown(block.text ?? ""), reader),
  image: drawImage,
  table: drawKitTable,
  data_table: drawDataTable,
  plan: (block, { reader }) => drawPlan(block, reader),
  task_card: (block, { reader }) => drawTask(block, reader),
  alert: drawAlert,
  card: drawCard,
  carousel: (block, surface) => drawKit((block.elements ?? []).map((card) => ({ ...card, type: "card" })), surface),
  container: drawContainer,
};

function drawUnknown(block) {
  return element("p", { class: "placeholder" }, `A block this page does not draw: ${block.type ?? "without a type"}`);
}

function drawSection(block, surface) {
  const { reader } = surface;
  const text = block.text && element("div", { class: "prose" }, drawTextObject(block.text, reader));
  const drawField = (field) => element("div", { class: "prose" }, drawTextObject(field, reader));
  const fields = block.fields && element("div", { class: "fields" }, block.fields.map(drawField));
  const accessory = block.accessory && element("div", { class: "accessory" }, drawAccessory(block, surface));
  return [element("div", { class: "section-words" }, text, fields), accessory];
}

function drawAccessory(block, surface) {
  if (block.accessory.type === "image") return drawPicture(block.accessory, "thumbnail");
  return drawElement(block.accessory, { block, surface });
}

function drawHeader(block, { reader }) {
  const level = Math.min((block.level ?? 1) + 2, 6);
  return element("p", { class: "header-words", role: "heading", "aria-level": level }, drawTextObject(block.text, reader));
}

function drawContext(block, { reader }) {
  return (block.elements ?? []).map((part) =>
    part.type === "image" ? drawPicture(part, "small-picture") : element("span", { class: "prose" }, drawTextObject(part, reader)));
}

function drawActions(block, surface) {
  return (block.elements ?? []).map((part) => drawElement(part, { block, surface }));
}

/** A labelled field with its hint and, where the app or the form objects, the objection beside it. */
function drawInput(block, surface) {
  const { reader, key, pane, errors = {} } = surface;
  const base = `${pane}/${key}/${block.block_id}`.replaceAll(/[^\w-]/g, "-");
  const error = errors[block.block_id];
  const isGroup = ["radio_buttons", "checkboxes"].includes(block.element?.type);
  const ids = { field: `${base}-field`, label: `${base}-label`, hint: block.hint && `${base}-hint`, error: error && `${base}-error` };
  const label = [drawTextObject(block.label, reader), block.optional ? element("span", { class: "optional" }, " (optional)") : null];
  return [
    element(isGroup ? "span" : "label", { class: "label", id: ids.label, for: isGroup ? null : ids.field }, label),
    drawElement(block.element ?? {}, { block, surface, ids, isInput: true }),
    block.hint && element("p", { class: "hint", id: ids.hint }, drawTextObject(block.hint, reader)),
    error && element("p", { class: "field-error", id: ids.error }, error),
  ];
}

function drawImage(block, { reader }) {
  return element("figure", {},
    block.title && element("figcaption", {}, drawTextObject(block.title, reader)),
    drawPicture(block, "picture"));
}

/** A picture from here, or a plain link to one elsewhere: this page loads nothing from other places. */
function drawPicture(image, size) {
  const url = image.image_url ?? "";
  const isOurs = url.startsWith("data:image/") || url.startsWith("/") || url.startsWith(`${window.location.origin}/`);
  if (isOurs) return element("img", { class: size, src: url, alt: image.alt_text ?? "" });
  const words = `Picture: ${image.alt_text || "without a description"}`;
  return element("span", { class: `placeholder ${size}` }, safeUrl(url) ? drawLink(url, words) : words);
}

function drawCell(cell, reader) {
  if (cell.type === "rich_text") return drawBlocks(parseRichText(cell), reader);
  return String(cell.text ?? cell.value ?? "");
}

function drawKitTable(block, { reader }) {
  const settings = block.column_settings ?? [];
  return drawTable({
    rows: (block.rows ?? []).map((row) => row.map((cell) => drawCell(cell, reader))),
    align: settings.map((column) => column?.align ?? "left"),
    wrapped: settings.map((column) => column?.is_wrapped ?? false),
    hasHeader: true,
  });
}

function drawDataTable(block, surface) {
  return [element("p", { class: "caption" }, drawInline(parsePlain(captionOf(block)), surface.reader)), drawKitTable(block, surface)];
}

function captionOf({ caption }) {
  return typeof caption === "string" ? caption : caption?.text ?? "";
}

const ALERT_WORDS = { default: "Note", info: "Note", success: "Done", warning: "Careful", error: "Problem" };

function drawAlert(block, { reader }) {
  const level = block.level in ALERT_WORDS ? block.level : "default";
  return element("div", { class: `alert is-${level}`, role: "note" },
    element("strong", { class: "alert-word" }, ALERT_WORDS[level]),
    element("div", { class: "prose" }, drawTextObject(block.text, reader)));
}

function drawCard(block, surface) {
  const { reader } = surface;
  const line = (name, text) => text && element("div", { class: `card-${name} prose` }, drawTextObject(text, reader));
  return element("div", { class: "kit-card" },
    block.hero_image && drawPicture(block.hero_image, "picture"),
    line("title", block.title), line("subtitle", block.subtitle), line("body", block.body), line("subtext", block.subtext),
    block.actions && element("div", { class: "block-actions" }, block.actions.map((part) => drawElement(part, { block, surface }))));
}

function drawContainer(block, surface) {
  const title = drawTextObject(block.title, surface.reader);
  const inner = drawKit(block.child_blocks ?? [], surface);
  const isFoldable = block.is_collapsible ?? block.collapsible ?? false;
  if (!isFoldable) return element("div", { class: "kit-card" }, element("div", { class: "card-title" }, title), inner);
  return element("details", { class: "kit-card", open: !block.default_collapsed }, element("summary", {}, title), inner);
}
