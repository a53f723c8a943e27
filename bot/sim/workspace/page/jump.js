// Ctrl+K (or Cmd+K): go to a channel or become somebody else by typing a few letters. Alt+number goes to a channel at once.

import { element } from "./dom.js";

/** `targets()` is [{words, detail, go}]. */
export function openJump(targets) {
  const list = element("ul", { class: "jump-list", role: "listbox", id: "jump-list", "aria-label": "Places and people" });
  const field = element("input", {
    class: "field", type: "text", role: "combobox", "aria-label": "Go to a channel or act as somebody", "aria-expanded": "true",
    "aria-controls": "jump-list", placeholder: "Go to a channel or act as somebody", autocomplete: "off",
  });
  const dialog = element("dialog", { class: "dialog is-jump", "aria-label": "Go to" }, field, list);
  let found = [];
  let at = 0;

  function draw() {
    const typed = field.value.trim().toLowerCase();
    found = targets.filter((target) => target.words.toLowerCase().includes(typed));
    at = Math.max(0, Math.min(at, found.length - 1));
    list.replaceChildren(...found.map((target, index) => element("li", {
      role: "option", id: `jump-${index}`, "aria-selected": String(index === at), on: { click: () => take(index) },
    }, element("strong", {}, target.words), " ", element("span", { class: "hint" }, target.detail))));
    field.setAttribute("aria-activedescendant", found.length ? `jump-${at}` : "");
  }

  function take(index) {
    const target = found[index];
    dialog.close();
    target?.go();
  }

  field.addEventListener("input", () => (at = 0, draw()));
  field.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves && found.length) {
      at = (at + moves[event.key] + found.length) % found.length;
      draw();
    } else if (event.key === "Enter") take(at);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  draw();
  dialog.showModal();
  field.focus();
}

/** Which channel or person a key press asks for: {place: 1}, {person: 1}, {jump: true} or null. */
export function readShortcut(event) {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") return { jump: true };
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (!digit || !event.altKey || event.ctrlKey || event.metaKey) return null;
  return event.shiftKey ? { person: Number(digit[1]) } : { place: Number(digit[1]) };
}
