// The app's modals: the top one of the stack is on screen, keeps what is typed, and says beside the field what is wrong.

import { drawKit } from "./blocks.js";
import { element, icon } from "./dom.js";
import { initialEntry } from "./elements.js";
import { drawTextObject } from "./prose.js";
import { enteredValues, missingEntries } from "./surfaces.js";
import { swap } from "./reconcile.js";

const NO_ANSWER = "No answer from the app. What you entered is still here.";

/** `reload()` fetches the stack again; `whenClosed()` finds a place for the focus if the old one is gone. */
export function createModals({ api, surfaces, drafts, personId, reload, whenClosed }) {
  const dialog = element("dialog", { class: "dialog", "aria-labelledby": "modal-title" });
  let shown = null; // {view, depth, errors, notice, busy, isClosing}
  let opener = null;
  document.body.append(dialog);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    closeTop();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault(); // Chromium lets a second Escape through `cancel`; this page decides itself
    closeTop();
  });

  function draw(modals) {
    const view = modals.at(-1) ?? null;
    if (!view) return leave();
    const isSame = shown?.view.id === view.id;
    if (isSame && JSON.stringify(shown.view) === JSON.stringify(view) && shown.depth === modals.length) return;
    const fresh = { errors: {}, notice: "", busy: false, isClosing: false };
    shown = { ...fresh, ...(isSame ? shown : {}), view, depth: modals.length };
    render(!isSame);
  }

  function leave() {
    if (!dialog.open) return;
    shown = null;
    dialog.close();
    dialog.replaceChildren();
    const back = opener && document.querySelector(`[data-focus-key="${CSS.escape(opener)}"]`);
    if (back) back.focus();
    else whenClosed();
  }

  function render(isNew) {
    const form = drawForm(shown);
    if (!dialog.open) {
      opener = document.activeElement?.dataset?.focusKey ?? null;
      dialog.replaceChildren(form);
      dialog.showModal();
    } else if (isNew || !dialog.firstElementChild) dialog.replaceChildren(form);
    else swap(dialog.firstElementChild, form);
    if (isNew) focusFirst();
  }

  function focusFirst() {
    const choices = ["[data-autofocus]", ".modal-body :is(input, textarea, select)", ".dialog-actions .is-primary", ".dialog-actions .button"];
    const wanted = choices.map((selector) => dialog.querySelector(selector)).find(Boolean);
    wanted?.focus();
  }

  function drawForm({ view, depth, errors, notice, busy }) {
    const surface = surfaces.view(view, errors);
    const close = { class: "button", type: "button", "data-focus-key": "modal/close", on: { click: closeTop } };
    const leave = { ...close, class: "button is-quiet is-icon", "data-focus-key": "modal/leave", "aria-label": depth > 1 ? "Back" : "Close" };
    const waiting = busy ? "true" : null;
    const submit = { class: "button is-primary", type: "submit", "data-focus-key": "modal/submit", "aria-busy": waiting, "aria-disabled": waiting };
    const onSubmit = (event) => {
      event.preventDefault();
      submitTop();
    };
    return element("form", { class: "modal-form", novalidate: true, tabindex: -1, on: { submit: onSubmit } },
      element("header", { class: "dialog-head" },
        element("h2", { class: "dialog-title", id: "modal-title" }, drawTextObject(view.title, surface.reader)),
        element("button", leave, icon(depth > 1 ? "back" : "close"))),
      element("div", { class: "modal-body" }, drawKit(view.blocks ?? [], surface)),
      element("p", { class: "modal-notice", role: "alert" }, notice),
      surface.presses.drawNotice(surface.key),
      element("div", { class: "dialog-actions" },
        element("button", close, view.close ? drawTextObject(view.close, surface.reader) : view.submit ? "Cancel" : "Close"),
        view.submit && element("button", submit, drawTextObject(view.submit, surface.reader))));
  }

  function change(patch) {
    if (!shown) return;
    shown = { ...shown, ...patch };
    render(false);
  }

  async function submitTop() {
    if (shown.busy) return;
    const { view } = shown;
    const key = surfaces.view(view).key;
    const missing = missingEntries(view.blocks ?? [], key, drafts, initialEntry);
    if (Object.keys(missing).length) return object(missing);
    change({ busy: true, notice: "", errors: {} });
    const outcome = await ask(() => api.submit({ user_id: personId(), view_id: view.id, values: enteredValues(view.blocks ?? [], key, drafts) }));
    if (shown?.view.id !== view.id) return;
    change({ busy: false, notice: outcome.notice });
    if (outcome.errors) object(outcome.errors);
    else if (!outcome.notice) {
      drafts.forget(`${key}/`);
      await reload();
    }
  }

  /** Say what is wrong beside each field, and go to the first of them. */
  function object(errors) {
    change({ errors, busy: false });
    const field = dialog.querySelector("[aria-invalid=true]");
    if (field) field.focus();
    else change({ notice: Object.values(errors).join(" ") });
  }

  async function closeTop() {
    if (!shown || shown.isClosing) return;
    const { view } = shown;
    shown = { ...shown, isClosing: true };
    const { notice } = await ask(() => api.close({ user_id: personId(), view_id: view.id }), false);
    if (notice) return change({ notice, isClosing: false });
    drafts.forget(`${surfaces.view(view).key}/`);
    await reload();
  }

  return { draw, isOpen: () => dialog.open };
}

/** How a submission or a closing went: {notice} in words, or {errors} by block. */
async function ask(call, wantsAnswer = true) {
  try {
    const { acked, errors, problem } = await call();
    if (errors) return { notice: "", errors };
    if (problem) return { notice: problem };
    return { notice: wantsAnswer && acked === false ? NO_ANSWER : "" };
  } catch (error) {
    return { notice: error.message };
  }
}
