// The thread beside the channel (over it on a phone): its messages, its own composer, the way back.

import { createComposer } from "./composer.js";
import { element, icon } from "./dom.js";
import { createFeed } from "./feed.js";

/** Builds the pane into `slot`. `close()` leaves the thread; `composer` is what createComposer wants. */
export function createThread({ slot, close, composer }) {
  const heading = element("h2", { tabindex: -1, id: "thread-title" }, "Thread");
  const where = element("span", { class: "place-note" });
  const clock = element("p", { class: "place-zone" });
  const leave = element("button", {
    class: "button is-quiet is-icon", type: "button", "aria-label": "Close thread", on: { click: close },
  }, icon("close"));
  const feed = createFeed({ label: "Messages of the thread", begin: drawEmptiness });
  const writing = createComposer({ ...composer, id: "thread-composer" });
  const head = element("header", { class: "place-head" }, element("div", { class: "place-words" }, element("div", { class: "head-line" }, heading, clock), where), leave);
  slot.append(head, ...feed.nodes, writing.node);
  slot.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && close());

  return {
    feed,
    /** Show this thread, or none where `key` is null. */
    draw({ key, place, zone, ...shown }) {
      slot.hidden = key === null;
      if (key === null) return void feed.leave();
      where.textContent = place;
      clock.textContent = zone;
      writing.draw();
      return feed.draw({ key, ...shown });
    },
    /** Go to its field; on a small screen to its heading, as the field would raise a keyboard over the words. */
    focus: (isNarrow) => (isNarrow ? heading : writing).focus(),
  };
}

function drawEmptiness(messages) {
  return messages.length ? [] : [element("p", { class: "empty" }, "This thread is not here any more.")];
}
