// Draws a state as a sign and a word, and changes it in place.

import { element } from "../dom.js";
import { drawSigns } from "../signs.js";

/** {node, update({sign, word, isBad})} */
export function createStateMark() {
  const sign = element("span", { class: "mark-sign", "aria-hidden": "true" });
  const word = element("span");
  const node = element("span", { class: "mark" }, sign, word);
  let shown = "";

  function update(state) {
    const wanted = `${state.sign} ${state.word}`;
    if (wanted === shown) return;
    shown = wanted;
    sign.replaceChildren(...drawSigns(state.sign));
    word.textContent = state.word;
    node.classList.toggle("is-bad", state.isBad);
  }

  return { node, update };
}
