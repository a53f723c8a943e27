// A small menu that hangs on a button: arrow keys move, Escape closes, focus returns to the button.

import { element } from "./dom.js";

/** Open a menu of `choices` [{words, choose}] at `button`. A second press on the button closes it. */
export function openMenu(button, choices) {
  const close = (refocus) => {
    menu.remove();
    button.removeAttribute("aria-expanded");
    document.removeEventListener("pointerdown", onOutside, true);
    if (refocus) button.focus();
  };
  const items = choices.map(({ words, choose }) =>
    element("button", { type: "button", role: "menuitem", tabindex: -1, class: "menu-item", on: { click: () => (close(true), choose()) } }, words));
  const menu = element("div", { class: "menu", role: "menu", "aria-label": button.getAttribute("aria-label") }, items);
  const onOutside = (event) => menu.contains(event.target) || close(button.contains(event.target));
  if (button.getAttribute("aria-expanded") === "true") return;
  menu.addEventListener("keydown", (event) => steer(event, items, close));
  menu.addEventListener("focusout", (event) => event.relatedTarget && !menu.contains(event.relatedTarget) && menu.isConnected && close(false));
  button.setAttribute("aria-expanded", "true");
  (button.closest("dialog") ?? document.body).append(menu);
  placeBeside(menu, button);
  document.addEventListener("pointerdown", onOutside, true);
  items[0]?.focus();
}

function steer(event, items, close) {
  const at = items.indexOf(document.activeElement);
  const steps = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    close(true);
  } else if (event.key in steps) {
    event.preventDefault();
    items[(steps[event.key] + items.length) % items.length].focus();
  }
}

/** Under the button, or over it where there is no room; never out of the window. */
function placeBeside(menu, button) {
  const edge = 8;
  const at = button.getBoundingClientRect();
  const { width, height } = menu.getBoundingClientRect();
  const fitsBelow = at.bottom + height + edge < window.innerHeight;
  menu.style.top = `${fitsBelow ? at.bottom + 4 : Math.max(edge, at.top - height - 4)}px`;
  menu.style.left = `${Math.max(edge, Math.min(at.left, window.innerWidth - width - edge))}px`;
}
