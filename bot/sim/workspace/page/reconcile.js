// Brings a list on screen to what it should show and touches nothing that stays the same: focus, selection and place survive.

const drawn = new WeakMap(); // node → the item it shows

/** `wanted` is [{key, signature, content, draw}] in order: another `signature` asks for a redraw, another `content` is news.
 *  Returns the keys that are new and those whose content changed. */
export function reconcile(list, wanted) {
  const keys = new Set(wanted.map((item) => item.key));
  for (const node of [...list.children]) if (!keys.has(node.dataset.key)) node.remove();
  const existing = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const outcome = { added: [], changed: [] };
  for (const [index, item] of wanted.entries()) {
    const node = settle(existing.get(item.key), item, outcome);
    if (list.children[index] !== node) list.insertBefore(node, list.children[index] ?? null);
  }
  return outcome;
}

function settle(node, item, outcome) {
  const before = node && drawn.get(node);
  if (before?.signature === item.signature) return node;
  const fresh = item.draw();
  fresh.dataset.key = item.key;
  drawn.set(fresh, item);
  if (!node) outcome.added.push(item.key);
  else if (before.content !== item.content) outcome.changed.push(item.key);
  if (node) swap(node, fresh);
  return fresh;
}

/** Put `fresh` in the place of `node`, with the focus and the caret where they were. */
export function swap(node, fresh) {
  const focused = node.contains(document.activeElement) ? document.activeElement : null;
  const caret = focused && typeof focused.selectionStart === "number" ? [focused.selectionStart, focused.selectionEnd] : null;
  node.replaceWith(fresh);
  if (!focused) return;
  const twin = findTwin(fresh, focused.dataset) ?? fresh;
  twin.focus({ preventScroll: true });
  if (caret && twin.setSelectionRange) twin.setSelectionRange(...caret);
}

/** The same control in the new drawing: the same field, or, as apps may rename their blocks, the same action. */
function findTwin(fresh, { focusKey, action }) {
  const find = (name, value) => value && fresh.querySelector(`[data-${name}="${CSS.escape(value)}"]`);
  return find("focus-key", focusKey) || find("action", action) || null;
}

const NEAR_END = 60;

export function isAtEnd(scroller) {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END;
}

/** Run `update` so that a reader at the end stays at the end, and one further up keeps what they look at in place. */
export function keepPlace(scroller, list, update) {
  const atEnd = isAtEnd(scroller);
  const top = scroller.getBoundingClientRect().top;
  const anchor = atEnd ? null : [...list.children].find((node) => node.getBoundingClientRect().bottom > top);
  const before = anchor?.getBoundingClientRect().top;
  const key = anchor?.dataset.key;
  update();
  if (atEnd) scroller.scrollTop = scroller.scrollHeight;
  const twin = anchor && [...list.children].find((node) => node.dataset.key === key);
  if (twin) scroller.scrollTop += twin.getBoundingClientRect().top - before;
}
