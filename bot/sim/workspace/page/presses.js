// Sends button presses to the app and shows how they went: busy while it is heard, a word if nobody answered.

import { element } from "./dom.js";

const NO_ANSWER = "No answer from the app.";

/** `personId()` says who presses. Buttons find their state by `data-press-key`, surfaces by `data-surface-key`. */
export function createPresses({ api, personId }) {
  const busy = new Set();
  const notices = new Map();

  function show(surfaceKey) {
    for (const slot of document.querySelectorAll(".surface-notice")) {
      if (slot.dataset.surfaceKey === surfaceKey) slot.textContent = notices.get(surfaceKey) ?? "";
    }
  }

  function mark(key) {
    for (const control of document.querySelectorAll("[data-press-key]")) {
      if (control.dataset.pressKey !== key) continue;
      control.toggleAttribute("data-busy", busy.has(key));
      setOrRemove(control, "aria-busy", busy.has(key));
      setOrRemove(control, "aria-disabled", busy.has(key));
    }
  }

  async function press(surface, { key, block, part, entry }) {
    busy.add(key);
    notices.delete(surface.key);
    mark(key);
    show(surface.key);
    try {
      const { acked } = await api.press({
        user_id: personId(),
        ...surface.address,
        block_id: block.block_id,
        action_id: part.action_id,
        ...(entry === null ? {} : { selected_option: entry }),
        ...surface.valuesForPress(),
      });
      if (!acked) notices.set(surface.key, NO_ANSWER);
    } catch (error) {
      notices.set(surface.key, error.message);
    } finally {
      busy.delete(key);
      mark(key);
      show(surface.key);
    }
  }

  return {
    press,
    isBusy: (key) => busy.has(key),
    /** The place under a surface where its last press is spoken of. */
    drawNotice: (surfaceKey) =>
      element("p", { class: "surface-notice", role: "status", "data-surface-key": surfaceKey }, notices.get(surfaceKey) ?? ""),
  };
}

function setOrRemove(control, name, on) {
  if (on) control.setAttribute(name, "true");
  else control.removeAttribute(name);
}
