// One task as the platform sees it; an open one can be finished, failed, held, let go and cancelled by hand.

import { clockTime, shortMoment } from "../dates.js";
import { element } from "../dom.js";
import { smallButton, textField } from "./fields.js";
import { reveal, say } from "./inplace.js";
import { createStateMark } from "./state.js";
import { isOver, spaced, taskDetail, taskState } from "./words.js";

const PROPOSED_ERROR = 'relation "sale_order_line" does not exist';
const PROPOSED_LOG = 'psycopg2.errors.UndefinedTable: relation "sale_order_line" does not exist';

/** {node, update(task)}; `place` names its environment, `touch(task, body, told)` sets it by hand, `zone()` is the reader's. */
export function createTask(first, { place, touch, zone }) {
  const mark = createStateMark();
  const title = element("span", { class: "task-name" });
  const since = element("span", { class: "task-since" });
  const percent = element("span", { class: "task-percent" });
  const bar = element("progress", { class: "bar", max: 100, value: 0, "aria-label": `Progress of the ${spaced(first.type)} of ${place}` });
  const detail = element("p", { class: "task-detail" });
  const trouble = element("p", { class: "task-trouble" });
  const deeds = isOver(first) ? null : createDeeds(first, { place, touch }); // what is over never opens again
  const node = element("li", { class: "task-row", tabindex: -1 },
    element("div", { class: "task-line" }, title, mark.node, since, percent), bar, detail, trouble, deeds?.node ?? []);

  function update(task) {
    const open = !isOver(task);
    mark.update(taskState(task));
    say(title, spaced(task.type));
    say(percent, open ? `${task.progress_percent} %` : "");
    bar.hidden = !open;
    bar.value = task.progress_percent;
    say(since, open && task.started_at ? `since ${clockTime(new Date(task.started_at), zone())}` : "");
    say(detail, [taskDetail(task), endWords(task, zone()), task.by_hand && open ? "held by hand" : ""].filter(Boolean).join(" · "));
    say(trouble, task.error_message ?? "");
    trouble.hidden = !task.error_message;
    if (!deeds) return;
    reveal(deeds.node, open, node);
    deeds.update(task);
  }

  return { node, update };
}

function endWords(task, zone) {
  return task.completed_at ? shortMoment(new Date(task.completed_at), zone, new Date()) : "";
}

/** What one may do to an open task. */
function createDeeds(first, { place, touch }) {
  const about = `the ${spaced(first.type)} of ${place}`;
  const set = (body, told) => touch(first, body, `${told} ${about}.`);
  let isHeld = false;
  const hold = smallButton("Stall", "", () => (isHeld ? set({ by_hand: false }, "Let go:") : set({ by_hand: true }, "Held:")));
  const step = smallButton("One step on", about, () => stepOn(latest, set));
  const fail = createFailing(about, (body) => set(body, "Failed:"));
  let latest = first;
  const node = element("div", { class: "deeds" },
    element("div", { class: "button-row" },
      smallButton("Finish", about, () => set({ status: "completed" }, "Finished:")),
      fail.opener,
      hold, step,
      smallButton("Cancel", about, () => set({ status: "cancelled" }, "Cancelled:"))),
    fail.form);

  function update(task) {
    latest = task;
    isHeld = task.by_hand;
    const words = `${isHeld ? "Go on" : "Stall"} ${about}`;
    if (hold.getAttribute("aria-label") !== words) hold.setAttribute("aria-label", words);
    say(hold, isHeld ? "Go on" : "Stall");
    reveal(step, isHeld, hold);
  }

  return { node, update };
}

function stepOn(task, set) {
  const done = Math.min(task.steps_completed + 1, task.total_steps);
  return set(done === task.total_steps ? { status: "completed" } : { status: "running", steps_completed: done }, "One step on:");
}

function createFailing(about, send) {
  const error = textField("Error message", PROPOSED_ERROR);
  const log = textField("Last line of the log", PROPOSED_LOG);
  const form = element("form", { class: "deed-form", "aria-label": `Fail ${about}`, hidden: true, on: { submit } },
    error.node, log.node,
    element("div", { class: "button-row" },
      element("button", { class: "button is-small is-danger", type: "submit" }, "Fail it"),
      smallButton("Leave it", "", () => open(false))));
  const opener = smallButton("Fail…", about, () => open(form.hidden));
  opener.setAttribute("aria-expanded", "false");

  function open(yes) {
    form.hidden = !yes;
    opener.setAttribute("aria-expanded", String(yes));
    (yes ? error.field : opener).focus();
  }

  function submit(event) {
    event.preventDefault();
    const wish = { status: "failed", error_message: error.field.value.trim(), log: log.field.value.trim() };
    send(Object.fromEntries(Object.entries(wish).filter(([, value]) => value)));
  }

  return { opener, form };
}
