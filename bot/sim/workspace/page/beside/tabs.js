// Tabs: one at a time is shown; arrow keys go from one to the next, as everywhere.

import { element } from "../dom.js";

/** `tabs` is [{id, words, panel}]. `choose(id)` is told of every change. Gives {head, show(id), label(id, words)}. */
export function createTabs({ label, tabs, choose }) {
  const buttons = new Map(tabs.map(({ id, words, panel }) => {
    Object.entries({ id: `beside-${id}`, role: "tabpanel", "aria-labelledby": `beside-tab-${id}` }).forEach(([name, value]) => panel.setAttribute(name, value));
    const button = element("button", {
      class: "tab", type: "button", role: "tab", id: `beside-tab-${id}`, "aria-controls": `beside-${id}`, on: { click: () => show(id) },
    }, words);
    return [id, button];
  }));
  const head = element("div", { class: "tabs", role: "tablist", "aria-label": label }, [...buttons.values()]);
  head.addEventListener("keydown", steer);

  function show(id) {
    for (const { id: one, panel } of tabs) {
      const isShown = one === id;
      panel.hidden = !isShown;
      buttons.get(one).setAttribute("aria-selected", String(isShown));
      buttons.get(one).tabIndex = isShown ? 0 : -1;
    }
    choose(id);
  }

  function steer(event) {
    const ids = tabs.filter(({ id }) => !buttons.get(id).hidden).map(({ id }) => id);
    const at = ids.findIndex((id) => buttons.get(id) === document.activeElement);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: ids.length - 1 };
    if (at < 0 || !(event.key in steps)) return;
    event.preventDefault();
    const id = ids[(steps[event.key] + ids.length) % ids.length];
    show(id);
    buttons.get(id).focus();
  }

  return {
    head,
    show,
    /** Rename a tab, or hide it where there is nothing behind it. */
    label(id, words, isHidden = false) {
      const button = buttons.get(id);
      if (button.textContent !== words) button.textContent = words;
      button.hidden = isHidden;
    },
  };
}
