// Draws what people press, pick or fill in. What is half entered lives in `surface.drafts`, so that a redraw keeps it.

import { confirmPress } from "./confirm.js";
import { element, icon, safeUrl } from "./dom.js";
import { openMenu } from "./menu.js";
import { drawTextObject } from "./prose.js";

/** One element. `ids` ties a field to its label, hint and error; `isInput` means that it is only sent with its form. */
export function drawElement(part, place) {
  const { viewer } = place.surface.reader;
  if (part.visible_to_user_ids && !part.visible_to_user_ids.includes(viewer.id)) return null;
  const draw = ELEMENTS[part.type];
  if (!draw) return element("span", { class: "placeholder" }, `An element this page does not draw: ${part.type ?? "without a type"}`);
  return draw(part, { ids: {}, ...place, key: `${place.surface.key}/${place.block.block_id}/${part.action_id}` });
}

const ELEMENTS = {
  button: drawButton,
  workflow_button: drawButton,
  icon_button: drawButton,
  static_select: (part, place) => drawSelect(part, place, optionList(part)),
  users_select: (part, place) => drawSelect(part, place, place.surface.reader.directory.people.map((user) => [user.id, user.real_name])),
  conversations_select: (part, place) => drawSelect(part, place, channelChoices(place)),
  channels_select: (part, place) => drawSelect(part, place, channelChoices(place)),
  multi_static_select: drawChoices,
  radio_buttons: drawChoices,
  checkboxes: drawChoices,
  overflow: drawOverflow,
  plain_text_input: drawTyped,
  number_input: drawTyped,
  email_text_input: drawTyped,
  url_text_input: drawTyped,
  datepicker: drawTyped,
  timepicker: drawTyped,
};

/** What an element starts with, in the form in which it is sent: a string, or a list of strings. */
export function initialEntry(part) {
  if (part.initial_options) return part.initial_options.map((option) => option.value);
  if (part.initial_option) return part.initial_option.value;
  const initial = part.initial_value ?? part.initial_date ?? part.initial_time ?? part.initial_user
    ?? part.initial_conversation ?? part.initial_channel;
  if (initial !== undefined && initial !== null) return initial;
  return isMultiple(part) ? [] : "";
}

export function isMultiple(part) {
  return part.type === "checkboxes" || String(part.type).startsWith("multi_");
}

function entryOf(part, { surface, key }) {
  return surface.drafts.read(key) ?? initialEntry(part);
}

/** Remember an entry; where the block asks for it, the app hears of it at once. */
function enter(part, place, entry) {
  place.surface.drafts.write(place.key, entry);
  if (!place.isInput || place.block.dispatch_action) press(part, place, entry);
}

async function press(part, place, entry = null) {
  if (part.confirm && !(await confirmPress(part.confirm, place.surface.reader))) return;
  place.surface.presses.press(place.surface, { key: place.key, block: place.block, part, entry });
}

function drawButton(part, place) {
  const words = drawTextObject(part.text, place.surface.reader);
  const url = part.url && safeUrl(part.url);
  const attributes = {
    class: `button${part.style ? ` is-${part.style}` : ""}`,
    "aria-label": part.accessibility_label ?? null,
    "data-press-key": place.key,
    "data-focus-key": place.key,
    "data-action": part.action_id,
    ...(place.surface.presses.isBusy(place.key) ? { "aria-busy": "true", "aria-disabled": "true" } : {}),
    on: { click: () => place.surface.presses.isBusy(place.key) || press(part, place) },
  };
  if (url) return element("a", { ...attributes, href: url, target: "_blank", rel: "noopener noreferrer" }, words, icon("out"));
  return element("button", { ...attributes, type: "button" }, words);
}

function optionList(part) {
  const written = (option) => [option.value, option.text?.text ?? option.value];
  if (!part.option_groups) return (part.options ?? []).map(written);
  return part.option_groups.map((group) => ({ label: group.label?.text ?? "", choices: group.options.map(written) }));
}

function channelChoices({ surface }) {
  return surface.reader.directory.channels.map((channel) => [channel.id, `#${channel.name}`]);
}

function describedBy(ids) {
  return [ids.hint, ids.error].filter(Boolean).join(" ") || null;
}

function fieldAttributes(part, place) {
  const { ids, key } = place;
  return {
    id: ids.field ?? null,
    "aria-label": ids.field ? null : part.placeholder?.text ?? part.accessibility_label ?? "Choose",
    "aria-describedby": describedBy(ids),
    "aria-invalid": ids.error ? "true" : null,
    "aria-required": place.isInput && !place.block.optional ? "true" : null,
    "data-focus-key": key,
    "data-press-key": key,
    "data-action": part.action_id,
    "data-autofocus": part.focus_on_load === true,
  };
}

function drawSelect(part, place, choices) {
  const current = entryOf(part, place);
  const placeholder = part.placeholder?.text ?? "Choose an option";
  const drawOption = ([value, words]) => element("option", { value, selected: value === current }, words);
  const drawGroup = ({ label, choices: own }) => element("optgroup", { label }, own.map(drawOption));
  const select = element("select", { class: "select", ...fieldAttributes(part, place) },
    element("option", { value: "", selected: !current, disabled: !place.block.optional }, placeholder),
    choices.map((choice) => (Array.isArray(choice) ? drawOption(choice) : drawGroup(choice))));
  select.addEventListener("change", () => enter(part, place, select.value));
  return element("span", { class: "select-frame" }, select, icon("choose"));
}

/** Radio buttons and checkboxes as a named group; a multi-select is drawn the same way, as all its choices fit. */
function drawChoices(part, place) {
  const many = isMultiple(part);
  const current = [entryOf(part, place)].flat();
  const options = part.options ?? (part.option_groups ?? []).flatMap((group) => group.options);
  const group = element("div", {
    class: "choices",
    role: many ? "group" : "radiogroup",
    "aria-labelledby": place.ids.label ?? null,
    "aria-label": place.ids.label ? null : "Choices",
    "aria-describedby": describedBy(place.ids),
  });
  const chosen = () => [...group.querySelectorAll("input:checked")].map((input) => input.value);
  const changed = () => enter(part, place, many ? chosen() : chosen()[0] ?? "");
  group.append(...options.map((option, index) => drawChoice(option, {
    type: many ? "checkbox" : "radio",
    name: `${place.surface.pane}/${place.key}`,
    value: option.value,
    checked: current.includes(option.value),
    "data-focus-key": `${place.key}/${index}`,
    "aria-invalid": place.ids.error ? "true" : null,
    on: { change: changed },
  }, place.surface.reader)));
  return group;
}

function drawChoice(option, attributes, reader) {
  return element("label", { class: "choice" },
    element("input", attributes),
    element("span", {},
      element("span", { class: "choice-words" }, drawTextObject(option.text, reader)),
      option.description && element("span", { class: "hint" }, drawTextObject(option.description, reader))));
}

function drawOverflow(part, place) {
  const button = element("button", {
    class: "button is-quiet is-icon", type: "button", "aria-label": "More choices", "aria-haspopup": "menu",
    "data-focus-key": place.key, "data-press-key": place.key,
  }, icon("more"));
  const choices = (part.options ?? []).map((option) => ({
    words: option.text?.text ?? option.value,
    choose: () => chooseOverflow(part, place, option),
  }));
  button.addEventListener("click", () => openMenu(button, choices));
  return button;
}

function chooseOverflow(part, place, option) {
  const url = option.url && safeUrl(option.url);
  if (url) window.open(url, "_blank", "noopener,noreferrer");
  press(part, place, option.value);
}

const INPUT_TYPES = { number_input: "number", email_text_input: "email", url_text_input: "url", datepicker: "date", timepicker: "time" };

function drawTyped(part, place) {
  const shared = {
    ...fieldAttributes(part, place),
    class: "field",
    placeholder: part.placeholder?.text ?? null,
    maxlength: part.type === "plain_text_input" ? part.max_length ?? 3000 : null,
    autocomplete: "off",
  };
  const typed = part.multiline
    ? element("textarea", { ...shared, rows: 4 })
    : element("input", { ...shared, type: INPUT_TYPES[part.type] ?? "text", ...limitsOf(part) });
  typed.value = entryOf(part, place);
  typed.addEventListener("input", () => place.surface.drafts.write(place.key, typed.value));
  if (part.type.endsWith("picker")) typed.addEventListener("change", () => enter(part, place, typed.value));
  else if (place.block.dispatch_action && !part.multiline) typed.addEventListener("keydown", (event) => enterOnKey(event, part, place));
  return typed;
}

function limitsOf(part) {
  return { min: part.min_value ?? null, max: part.max_value ?? null, step: part.is_decimal_allowed ? "any" : null };
}

function enterOnKey(event, part, place) {
  if (event.key !== "Enter") return;
  event.preventDefault(); // or the form around it would be sent
  enter(part, place, event.target.value);
}
