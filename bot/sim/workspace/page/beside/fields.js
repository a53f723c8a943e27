// Small fields with their labels, and buttons, as the panel's forms use them.

import { element, icon } from "../dom.js";

/** A line of text: {node, field}. */
export function textField(words, value, attributes = {}) {
  const field = element("input", { class: "field is-small", type: "text", autocomplete: "off", value, ...attributes });
  return { node: element("label", { class: "labelled" }, element("span", {}, words), field), field };
}

/** A choice of [value, words]: {node, field}. */
export function choiceField(words, choices, attributes = {}) {
  const options = choices.map(([value, shown]) => element("option", { value }, shown));
  const field = element("select", { class: "select is-small", ...attributes }, options);
  const frame = element("span", { class: "select-frame" }, field, icon("choose"));
  return { node: element("label", { class: "labelled" }, element("span", {}, words), frame), field };
}

/** A button that says what it does, and to what, to those who do not see where it stands. */
export function smallButton(words, about, press, style = "") {
  return element("button", { class: `button is-small ${style}`, type: "button", on: { click: press } },
    words, about && element("span", { class: "visually-hidden" }, ` ${about}`));
}
