// What the bot asked of both services, newest first, and how much it may still ask of oec.sh this minute.

import { clockTimeWithSeconds } from "../dates.js";
import { element } from "../dom.js";
import { filterLines, linesOf, roomOf } from "./callwords.js";
import { choiceField, textField } from "./fields.js";
import { createKeyedList, say } from "./inplace.js";
import { createStateMark } from "./state.js";

/** {node, update({requests, calls, keys})}; `keys` is null where oec.sh's stand-in is not beside this one. */
export function createCalls({ zone }) {
  const words = textField("Filter", "", { placeholder: "deploy, chat.update, 429", type: "search" });
  const world = choiceField("Service", [["", "both"], ["oec.sh", "oec.sh"], ["Slack", "Slack"]]);
  const failures = element("input", { type: "checkbox" });
  const filters = element("div", { class: "filters" },
    words.node, world.node, element("label", { class: "choice" }, failures, element("span", {}, "Failures only")));
  const room = createRoom();
  const list = element("ol", { class: "calls", "aria-label": "Calls of the bot, newest first" });
  const rows = createKeyedList(list, (line) => createLine(line, zone));
  const empty = element("p", { class: "hint" });
  const node = element("div", { class: "beside-body" }, room.node, filters, list, empty);
  let lines = [];

  function draw() {
    const shown = filterLines(lines, { words: words.field.value, world: world.field.value, failuresOnly: failures.checked });
    rows.update(shown, ({ key }) => key);
    say(empty, shown.length ? "" : lines.length ? "No call fits the filter." : "The bot has not called anything yet.");
  }

  filters.addEventListener("input", draw);
  return {
    node,
    update({ requests, calls, keys }) {
      lines = linesOf(requests, calls);
      room.update(keys);
      world.node.hidden = keys === null;
      draw();
    },
  };
}

function createLine(first, zone) {
  const mark = createStateMark();
  const whole = element("pre", { class: "whole", tabindex: 0, role: "region", "aria-label": `All of ${first.what}` });
  const summary = element("summary", {},
    element("time", { class: "call-time", datetime: first.at }, clockTimeWithSeconds(new Date(first.at), zone())),
    element("span", { class: "call-what" }, first.what),
    mark.node,
    element("span", { class: "call-note" }, [first.world, first.note].filter(Boolean).join(" · ")));
  const node = element("li", { class: "call" }, element("details", {}, summary, whole));
  let latest = first;
  const fill = () => say(whole, JSON.stringify(latest.whole, null, 2));
  node.firstElementChild.addEventListener("toggle", fill);

  function update(line) {
    const isNews = line.outcome !== latest.outcome;
    latest = line;
    mark.update({ sign: line.sign, word: line.outcome, isBad: line.isFailure });
    if (isNews && node.firstElementChild.open) fill();
  }

  return { node, update };
}

/** The room that the limits leave each key, as figures and as bars. */
function createRoom() {
  const list = element("ul", { class: "rooms" });
  const keys = createKeyedList(list, createKeyRoom);
  const node = element("section", { class: "room", "aria-label": "Calls left this minute" }, element("h3", {}, "Left this minute at oec.sh"), list);

  function update(told) {
    node.hidden = told === null;
    if (told) keys.update(roomOf(told), ({ name }) => name);
  }

  return { node, update };
}

function createKeyRoom({ name }) {
  const list = element("ul", { class: "room-figures" });
  const figures = createKeyedList(list, ({ words }) => createFigure(name, words));
  const node = element("li", { class: "key-room" }, element("span", {}, name), list);
  return { node, update: ({ room }) => figures.update(room, ({ words }) => words) };
}

function createFigure(name, words) {
  const figure = element("span", { class: "figure" });
  const bar = element("meter", { class: "bar", min: 0, "aria-label": `${name}, ${words} left` });
  const node = element("li", {}, figure, bar);

  function update({ remaining, limit }) {
    say(figure, `${remaining} of ${limit} ${words}`);
    Object.assign(bar, { max: limit, low: limit / 5, value: remaining });
  }

  return { node, update };
}
