// Asks "are you sure?" before a press, where the app's button carries a `confirm`.

import { element } from "./dom.js";
import { drawTextObject } from "./prose.js";

/** Resolves to whether the person said yes. Escape means no; focus goes back to where it was. */
export function confirmPress(confirm, reader) {
  return new Promise((decide) => {
    const style = confirm.style === "danger" ? "is-danger" : "is-primary";
    const say = (value) => ({ class: `button ${value === "yes" ? style : ""}`, type: "submit", value });
    const described = { "aria-labelledby": "confirm-title", "aria-describedby": "confirm-words" };
    const dialog = element("dialog", { class: "dialog is-small", role: "alertdialog", ...described },
      element("form", { method: "dialog" },
        element("h2", { id: "confirm-title", class: "dialog-title" }, drawTextObject(confirm.title, reader)),
        element("div", { id: "confirm-words", class: "prose" }, drawTextObject(confirm.text, reader)),
        element("div", { class: "dialog-actions" },
          element("button", say("no"), drawTextObject(confirm.deny ?? "Cancel", reader)),
          element("button", say("yes"), drawTextObject(confirm.confirm ?? "Yes", reader)))));
    dialog.addEventListener("close", () => {
      dialog.remove();
      decide(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
