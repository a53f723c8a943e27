// A surface is where blocks stand: a message, a modal, the Home tab. It knows its address and keeps what is half entered.

import { isMultiple } from "./elements.js";

/** What people entered and have not sent, by field; survives redraws and switching to another person and back. */
export function createDrafts() {
  const entries = new Map();
  return {
    read: (key) => entries.get(key),
    write: (key, entry) => entries.set(key, entry),
    forget(prefix) {
      for (const key of [...entries.keys()]) if (key.startsWith(prefix)) entries.delete(key);
    },
  };
}

/** Makes surfaces for the acting person. */
export function createSurfaces({ drafts, presses, reader }) {
  const build = (key, blocks, address, { pane, errors }) => ({
    key,
    pane, // the same message may stand in the channel and in its thread: ids on the page need to differ
    address,
    reader: reader(),
    drafts,
    presses,
    errors,
    valuesForPress: () => withValues(enteredValues(blocks, key, drafts)),
  });
  return {
    message: (message, channelId, pane) =>
      build(`${reader().viewer.id}/${channelId}/${message.ts}`, message.blocks ?? [], { channel_id: channelId, message_ts: message.ts }, { pane }),
    view: (view, errors) => build(`${reader().viewer.id}/${view.id}`, view.blocks ?? [], { view_id: view.id }, { pane: "view", errors }),
  };
}

function withValues(values) {
  return Object.keys(values).length ? { values } : {};
}

/** What was entered into these blocks: {block_id: {action_id: entry}}; untouched fields are left to their initial value. */
export function enteredValues(blocks, surfaceKey, drafts) {
  const values = {};
  for (const { block, part } of fieldsOf(blocks)) {
    const entry = drafts.read(`${surfaceKey}/${block.block_id}/${part.action_id}`);
    if (entry !== undefined && isOffered(part, entry)) values[block.block_id] = { ...values[block.block_id], [part.action_id]: entry };
  }
  return values;
}

/** Whether a choice made earlier is still among the options after the app changed them. */
function isOffered(part, entry) {
  if (!part.options) return true;
  const offered = part.options.map((option) => option.value);
  return [entry].flat().every((value) => offered.includes(value));
}

function fieldsOf(blocks) {
  return blocks.flatMap((block) => [block.element, block.accessory, ...(block.elements ?? [])]
    .filter((part) => part?.action_id && part.type !== "overflow" && part.type !== "button")
    .map((part) => ({ block, part })));
}

/** Input blocks that must be filled in and are not: {block_id: words}. */
export function missingEntries(blocks, surfaceKey, drafts, initialEntry) {
  const errors = {};
  for (const block of blocks) {
    if (block.type !== "input" || !block.element) continue;
    const entry = drafts.read(`${surfaceKey}/${block.block_id}/${block.element.action_id}`) ?? initialEntry(block.element);
    const words = entryError(block, entry);
    if (words) errors[block.block_id] = words;
  }
  return errors;
}

function entryError({ element: part, optional }, entry) {
  if (isMultiple(part) ? !entry.length : !String(entry).trim()) return optional ? null : "Please fill this in.";
  if (part.min_length && entry.length < part.min_length) return `At least ${part.min_length} characters, please.`;
  return null;
}
