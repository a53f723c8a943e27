// Where one types: `/` for commands, `@` for people, Enter sends, Shift+Enter is a new line, arrow up recalls.

import { element, icon } from "./dom.js";
import { createSuggestions } from "./suggestions.js";

const SLOW_MILLISECONDS = 400;

/** `send(text)` resolves to null, or to words about what went wrong; the text is kept then.
 *  `place()` is {key, label, suggest}: which draft this is, the field's name, and suggestions for a text. */
export function createComposer({ id, send, place, memory }) {
  const field = element("textarea", { id, class: "composer-field", rows: 1, autocomplete: "off", "aria-describedby": `${id}-notice` });
  const button = element("button", { class: "button is-primary is-icon", type: "submit", "aria-label": "Send" }, icon("send"));
  const notice = element("p", { class: "composer-notice", id: `${id}-notice`, role: "status" });
  const hint = element("p", { class: "composer-hint" });
  const suggestions = createSuggestions({ field, listId: `${id}-suggestions`, onChange: changed });
  const box = element("div", { class: "composer-box" }, field, button);
  const form = element("form", { class: "composer", on: { submit: onSubmit } }, suggestions.node, box, notice, hint);
  let shownKey = null;
  let recalled = -1;

  function draw() {
    const { key, label } = place();
    field.setAttribute("aria-label", label);
    field.placeholder = label;
    if (key === shownKey) return;
    shownKey = key;
    notice.textContent = "";
    field.value = memory.draft(key);
    changed();
  }

  function changed() {
    memory.keepDraft(shownKey, field.value);
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight}px`;
    const found = place().suggest(field.value, field.selectionStart ?? 0);
    suggestions.show(found.choices);
    hint.replaceChildren(...found.hint);
  }

  function onSubmit(event) {
    event.preventDefault();
    submit();
  }

  async function submit() {
    const text = field.value.trim();
    const key = shownKey;
    if (!text) return;
    memory.remember(text);
    recalled = -1;
    write("");
    const slow = setTimeout(() => { notice.textContent = "Waiting for an answer …"; }, SLOW_MILLISECONDS);
    const complaint = await send(text);
    clearTimeout(slow);
    notice.textContent = complaint ?? "";
    notice.classList.toggle("is-complaint", Boolean(complaint));
    if (complaint && !memory.draft(key)) restore(key, text);
  }

  function restore(key, text) {
    if (key === shownKey) write(text);
    else memory.keepDraft(key, text);
  }

  function write(text) {
    field.value = text;
    field.setSelectionRange(text.length, text.length);
    changed();
  }

  function recall(step) {
    const sent = memory.sent();
    const next = recalled + step;
    if (next >= sent.length || next < -1) return;
    recalled = next;
    write(next < 0 ? "" : sent[sent.length - 1 - next]);
  }

  field.addEventListener("input", () => {
    recalled = -1;
    notice.textContent = "";
    changed();
  });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing || suggestions.steer(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    } else if (event.key === "ArrowUp" && (field.value === "" || recalled >= 0)) {
      event.preventDefault();
      recall(1);
    } else if (event.key === "ArrowDown" && recalled >= 0) {
      event.preventDefault();
      recall(-1);
    }
  });

  return { node: form, draw, focus: () => field.focus(), put: (text) => { write(text); field.focus(); } };
}

/** Drafts per place and what each person typed before, newest last. `personId()` says whose. */
export function createMemory(personId) {
  const drafts = new Map();
  const typed = new Map();
  return {
    draft: (key) => drafts.get(key) ?? "",
    keepDraft: (key, text) => drafts.set(key, text),
    sent: () => typed.get(personId()) ?? [],
    remember: (text) => typed.set(personId(), [...(typed.get(personId()) ?? []).filter((one) => one !== text), text]),
  };
}
