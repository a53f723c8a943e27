// The card with things to try: it switches to the right person and channel and puts the words into the composer.

import { avatar, element, icon } from "./dom.js";
import { swap } from "./reconcile.js";

const STORAGE_KEY = "oec-sandbox-welcome"; // holds "open", "folded" or "dismissed" once somebody chose

/** `slot` holds the card, `reopenSlot` the way back to it; `attempt(suggestion)` sets the scene. `isNarrow()`: whether
 *  the card would take the messages their room, so that it is one line until somebody opens it; the way back is out of
 *  sight then, and `rest()` says where the focus goes when the card is put away. */
export function createWelcome({ slot, reopenSlot, storage, attempt, isNarrow, rest }) {
  const tried = new Set();
  let shown = "";
  let refresh = () => {};

  const standing = () => storage.getItem(STORAGE_KEY) ?? (isNarrow() ? "folded" : "open");
  const choose = (state) => {
    storage.setItem(STORAGE_KEY, state);
    refresh();
  };

  function dismiss() {
    choose("dismissed");
    if (isNarrow()) rest();
    else reopenSlot.querySelector("button").focus();
  }

  function reopen() {
    choose("open");
    slot.querySelector("button").focus();
  }

  function card(welcome, directory, isOpen) {
    return element("section", { class: "welcome", "aria-label": welcome.title },
      element("div", { class: "welcome-head" },
        element("h2", {}, foldButton(welcome.title, isOpen)),
        element("button", {
          class: "button is-quiet is-icon", type: "button", "aria-label": "Put this card away", on: { click: dismiss },
        }, icon("close"))),
      element("ol", { id: "welcome-things", hidden: !isOpen },
        welcome.suggestions.map((suggestion, index) => element("li", {}, drawSuggestion(suggestion, index, directory)))));
  }

  function foldButton(title, isOpen) {
    return element("button", {
      class: "welcome-fold", type: "button", "aria-expanded": String(isOpen), "aria-controls": "welcome-things",
      "data-focus-key": "welcome", on: { click: () => choose(isOpen ? "folded" : "open") },
    }, icon("spark"), element("span", {}, title), icon("choose"));
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
        element("span", { class: "suggestion-how" },
          element("span", { class: "suggestion-where" }, avatar(user, "is-tiny"), `as ${user.real_name}${channel ? ` in #${channel.name}` : ""}`),
          suggestion.input && element("code", {}, suggestion.input))));
  }

  function start(suggestion, index) {
    tried.add(index);
    if (isNarrow()) choose("folded"); // what is tried is to be seen, and so is its answer
    else refresh();
    attempt(suggestion);
  }

  function put(fresh) {
    if (slot.firstElementChild) swap(slot.firstElementChild, fresh);
    else slot.append(fresh);
  }

  return {
    draw(welcome, directory) {
      refresh = () => this.draw(welcome, directory);
      const now = welcome ? standing() : "none";
      const wanted = JSON.stringify([welcome, now, [...tried]]);
      if (wanted === shown) return;
      shown = wanted;
      const away = now === "dismissed";
      if (welcome && !away) put(card(welcome, directory, now === "open"));
      else slot.replaceChildren();
      reopenSlot.replaceChildren(...(away ? [
        element("button", { class: "button is-quiet", type: "button", on: { click: reopen } }, icon("spark"), welcome.title),
      ] : []));
    },
  };
}
