// A list of messages that is kept true while one reads it: the channel's, or a thread's.

import { dateOfTs, dayKey, dayLabel } from "./dates.js";
import { element, icon } from "./dom.js";
import { drawMessage } from "./messages.js";
import { isAtEnd, keepPlace, reconcile } from "./reconcile.js";
import { mentions } from "./unread.js";

const SAME_BREATH_SECONDS = 300;

/** `label` names the list; `begin` draws what stands over the first message. */
export function createFeed({ label, begin }) {
  const start = element("div", { class: "feed-start" });
  const list = element("ol", { class: "messages", "aria-label": label });
  const scroller = element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": label }, start, list);
  const jump = element("button", {
    class: "button to-end", type: "button", hidden: true, on: { click: () => toEnd(scroller) },
  }, icon("down"), "New messages");
  scroller.addEventListener("scroll", () => { if (isAtEnd(scroller)) jump.hidden = true; }, { passive: true });
  let shownKey = null;
  let wasAtEnd = true;
  scroller.addEventListener("scroll", () => { wasAtEnd = isAtEnd(scroller); }, { passive: true });
  new ResizeObserver(() => wasAtEnd && toEnd(scroller)).observe(scroller); // a growing composer must not hide the last words

  /** Show these messages; a different `key` means another place, which starts at its end. */
  function draw({ key, messages, newAfterTs, options }) {
    const fresh = key !== shownKey;
    if (fresh) list.replaceChildren();
    start.replaceChildren(...begin(messages));
    let outcome;
    keepPlace(scroller, list, () => { outcome = reconcile(list, itemsOf(messages, newAfterTs, options)); });
    if (fresh) toEnd(scroller);
    else markNews(list, outcome, scroller, jump);
    shownKey = key;
    return { isFirst: fresh, added: fresh ? [] : outcome.added };
  }

  return {
    nodes: [scroller, jump],
    list,
    draw,
    toEnd: () => toEnd(scroller),
    /** Somebody left: whoever comes back starts at the end again. */
    leave: () => { shownKey = null; },
  };
}

function toEnd(scroller) {
  scroller.scrollTop = scroller.scrollHeight;
}

/** A redrawn message glows once; a new one below the fold is announced by the button. */
function markNews(list, outcome, scroller, jump) {
  const changed = new Set(outcome.changed);
  for (const node of list.children) {
    if (changed.has(node.dataset.key) && node.matches(".message")) glow(node);
  }
  if (outcome.added.length && !isAtEnd(scroller)) jump.hidden = false;
}

function glow(node) {
  node.classList.add("is-changed");
  node.addEventListener("animationend", () => node.classList.remove("is-changed"), { once: true });
}

/** Messages with day lines and the line under which everything is new. */
function itemsOf(messages, newAfterTs, options) {
  const { viewer, now } = options.reader;
  const items = [];
  let previous = null;
  let newLine = newAfterTs;
  for (const message of messages) {
    const day = dayKey(dateOfTs(message.ts), viewer.tz);
    const isNewDay = !previous || dayKey(dateOfTs(previous.ts), viewer.tz) !== day;
    if (isNewDay) items.push(lineItem(`day/${day}`, dayLabel(dateOfTs(message.ts), viewer.tz, now()), "day-line"));
    const isFirstNew = newLine !== null && message.ts > newLine && message.user !== viewer.id;
    if (isFirstNew) items.push(lineItem("new", "New", "new-line"));
    if (isFirstNew) newLine = null;
    items.push(messageItem(message, { ...options, isCompact: !isNewDay && !isFirstNew && isSameBreath(previous, message) }));
    previous = message;
  }
  return items;
}

function lineItem(key, words, name) {
  return { key, signature: words, draw: () => element("li", { class: name }, element("span", {}, words)) };
}

function isSameBreath(previous, message) {
  const close = Number(message.ts) - Number(previous.ts) < SAME_BREATH_SECONDS;
  const plain = [previous, message].every((one) => !one.ephemeral && !(one.blocks ?? []).length && !one.reply_count);
  return previous.user === message.user && close && plain;
}

function messageItem(message, options) {
  const news = options.threadNews[message.ts] ?? 0;
  const isReply = options.isReply || Boolean(message.thread_ts && message.thread_ts !== message.ts);
  return {
    key: `${message.ephemeral ? "private" : "message"}/${message.ts}`,
    signature: JSON.stringify([message, options.isCompact, news, options.shortcuts]),
    content: JSON.stringify([message.text, message.blocks]),
    draw: () => drawMessage(message, { ...options, news, isReply, mentionsMe: mentions(message, options.reader.viewer) }),
  };
}
