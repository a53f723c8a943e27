// The card with things to try: it switches to the right person and channel and puts the words into the composer.

import { avatar, element, icon } from "./dom.js";

const STORAGE_KEY = "oec-sandbox-welcome";

/** `slot` holds the card, `reopenSlot` the way back to it; `attempt(suggestion)` sets the scene. */
export function createWelcome({ slot, reopenSlot, storage, attempt }) {
  const tried = new Set();
  let shown = "";

  const isDismissed = () => storage.getItem(STORAGE_KEY) === "dismissed";
  const dismiss = (yes) => {
    storage.setItem(STORAGE_KEY, yes ? "dismissed" : "open");
    refresh();
    (yes ? reopenSlot : slot).querySelector("button")?.focus();
  };
  let refresh = () => {};

  function card(welcome, directory) {
    return element("section", { class: "welcome", "aria-label": welcome.title },
      element("div", { class: "welcome-head" },
        element("h2", {}, icon("spark"), welcome.title),
        element("button", {
          class: "button is-quiet is-icon", type: "button", "aria-label": "Put this card away", on: { click: () => dismiss(true) },
        }, icon("close"))),
      element("ol", {}, welcome.suggestions.map((suggestion, index) => element("li", {}, drawSuggestion(suggestion, index, directory)))));
  }

  function drawSuggestion(suggestion, index, directory) {
    const user = directory.user(suggestion.user_id);
    const channel = directory.channel(suggestion.channel_id);
    const done = tried.has(index);
    const number = done ? [icon("tick"), element("span", { class: "visually-hidden" }, "tried: ")] : String(index + 1);
    return element("button", { class: "suggestion", type: "button", on: { click: () => start(suggestion, index) } },
      element("span", { class: "suggestion-number" }, number),
      element("span", { class: "suggestion-words" },
        element("span", { class: "suggestion-text" }, suggestion.text),
        element("span", { class: "suggestion-where" }, avatar(user, "is-tiny"), `as ${user.real_name}${channel ? ` in #${channel.name}` : ""}`),
        suggestion.input && element("code", {}, suggestion.input)));
  }

  function start(suggestion, index) {
    tried.add(index);
    refresh();
    attempt(suggestion);
  }

  return {
    draw(welcome, directory) {
      refresh = () => this.draw(welcome, directory);
      const open = Boolean(welcome) && !isDismissed();
      const wanted = JSON.stringify([welcome, open, [...tried]]);
      if (wanted === shown) return;
      shown = wanted;
      slot.replaceChildren(...(open ? [card(welcome, directory)] : []));
      const reopen = () =>
        element("button", { class: "button is-quiet", type: "button", on: { click: () => dismiss(false) } }, icon("spark"), welcome.title);
      reopenSlot.replaceChildren(...(welcome && !open ? [reopen()] : []));
    },
  };
}
