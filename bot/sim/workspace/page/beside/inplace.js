// Keeps parts of the panel true in place: nothing is drawn anew that stays, so that focus, fields and selection survive.

/** Set a node's text if it differs. */
export function say(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** A list whose parts are made once: `create(item)` gives {node, update(item)}; `update(items, key)` brings the list in line. */
export function createKeyedList(list, create) {
  let parts = new Map();

  function update(items, keyOf) {
    const next = new Map(items.map((item) => [keyOf(item), item]));
    for (const [key, part] of parts) if (!next.has(key)) part.node.remove();
    const kept = new Map();
    let index = 0;
    for (const [key, item] of next) {
      const part = parts.get(key) ?? create(item);
      part.update(item);
      if (list.children[index] !== part.node) list.insertBefore(part.node, list.children[index] ?? null);
      kept.set(key, part);
      index += 1;
    }
    parts = kept;
  }

  return { update };
}

/** Show or hide; a control that had the focus hands it to `heir` when it goes. */
export function reveal(node, isShown, heir) {
  if (node.hidden === !isShown) return;
  const hadFocus = node.contains(document.activeElement);
  node.hidden = !isShown;
  if (!isShown && hadFocus) heir.focus({ preventScroll: true });
}
