// Draws `plan` and `task_card`: stages with their state as a sign and a word.

import { element } from "./dom.js";
import { drawBlocks, drawInline, drawLink } from "./prose.js";
import { parsePlain } from "./mrkdwn.js";
import { parseRichText } from "./richtext.js";
import { drawSigns } from "./signs.js";

const STATES = {
  pending: { sign: "⏳", word: "waiting" },
  in_progress: { sign: "▶", word: "running" },
  complete: { sign: "✓", word: "done" },
  error: { sign: "✕", word: "failed" },
};

/** A titled list of stages. */
export function drawPlan(block, reader) {
  return element("div", { class: "plan" },
    element("p", { class: "plan-title" }, drawInline(parsePlain(String(block.title ?? "")), reader)),
    element("ol", {}, (block.tasks ?? []).map((task) => element("li", {}, drawTask(task, reader)))));
}

/** One stage: state, title, and what it says about itself. */
export function drawTask(task, reader) {
  const status = task.status in STATES ? task.status : "pending";
  const { sign, word } = STATES[status];
  return element("div", { class: `task is-${status.replace("_", "-")}` },
    element("span", { class: "task-sign", "aria-hidden": "true" }, drawSigns(sign)),
    element("div", { class: "task-words" },
      element("span", { class: "task-title" }, drawInline(parsePlain(String(task.title ?? "")), reader)),
      " ",
      element("span", { class: "task-state" }, word),
      drawDetails(task, reader)));
}

function drawDetails(task, reader) {
  const texts = [task.details, task.output].filter((part) => part?.elements);
  const sources = (task.sources ?? []).map((source) => element("li", {}, drawLink(source.url, source.text || source.url)));
  return [
    texts.map((part) => element("div", { class: "prose task-details" }, drawBlocks(parseRichText(part), reader))),
    sources.length ? element("ul", { class: "task-sources" }, sources) : null,
  ];
}
