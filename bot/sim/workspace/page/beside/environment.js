// One environment at the platform: what it is, its tasks newest first, and what one may start there as the dashboard would.

import { element, safeUrl } from "../dom.js";
import { choiceField, smallButton, textField } from "./fields.js";
import { createKeyedList, say } from "./inplace.js";
import { createStateMark } from "./state.js";
import { createTask } from "./task.js";
import { placeState } from "./words.js";

const EARLIER_SHOWN = 20;
const OUTCOMES = [["failed", "failed"], ["cancelled", "cancelled"], ["completed", "completed"]];

/** {node, update({environment, project, tasks, endings})}. `deeds` are {touch, start, plan}, each telling how it went. */
export function createEnvironment({ environment: first, project }, { deeds, zone }) {
  const place = `${first.name}, ${project}`;
  const mark = createStateMark();
  const name = element("h3", { class: "place-title" });
  const facts = element("dl", { class: "facts" });
  const [branch, address] = [addFact(facts, "Branch"), addFact(facts, "Address")];
  const newest = element("ul", { class: "tasks", "aria-label": `Newest task of ${place}` });
  const earlier = createEarlier(place);
  const context = { place, zone, touch: deeds.touch };
  const newestList = createKeyedList(newest, (task) => createTask(task, context));
  const earlierList = createKeyedList(earlier.list, (task) => createTask(task, context));
  const dashboard = createDashboard(first, place, deeds);
  const node = element("li", { class: "place-card" },
    element("div", { class: "place-line" }, name, element("span", { class: "place-project" }, project), mark.node),
    facts, newest, dashboard.node, earlier.node);

  function update({ environment, tasks, endings }) {
    mark.update(placeState(environment));
    say(name, environment.name);
    say(branch, [environment.branch, environment.last_commit?.slice(0, 7)].filter(Boolean).join(" at ") || "none");
    showAddress(address, environment.url);
    newestList.update(tasks.slice(0, 1), (task) => task.id);
    earlierList.update(tasks.slice(1, 1 + EARLIER_SHOWN), (task) => task.id);
    earlier.update(tasks.length - 1);
    dashboard.update(endings);
  }

  return { node, update };
}

function addFact(list, words) {
  const value = element("dd");
  list.append(element("div", {}, element("dt", {}, words), value));
  return value;
}

function showAddress(node, url) {
  if (node.dataset.url === String(url)) return;
  node.dataset.url = String(url);
  const words = String(url ?? "none").replace(/^https?:\/\//, "");
  const href = url && safeUrl(url);
  node.replaceChildren(href ? element("a", { href, target: "_blank", rel: "noopener noreferrer" }, words) : words);
}

function createEarlier(place) {
  const list = element("ul", { class: "tasks", "aria-label": `Earlier tasks of ${place}` });
  const words = element("span");
  const node = element("details", { class: "fold" }, element("summary", {}, words, element("span", { class: "visually-hidden" }, ` of ${place}`)), list);
  return {
    list,
    node,
    update(count) {
      node.hidden = count < 1;
      say(words, earlierWords(count));
    },
  };
}

function earlierWords(count) {
  if (count > EARLIER_SHOWN) return `The last ${EARLIER_SHOWN} of ${count} earlier tasks`;
  return count === 1 ? "1 earlier task" : `${count} earlier tasks`;
}

/** Starting a task as the dashboard would, and deciding how the next one ends, whoever starts it. */
function createDashboard(environment, place, deeds) {
  const start = (type) => smallButton(`Start a ${type}`, `of ${place} from the dashboard`, () => deeds.start(environment, type, place));
  const outcome = choiceField("The next task here ends", OUTCOMES, { "aria-label": `How the next task of ${place} ends` });
  const error = textField("Error message", "The database is locked", { "aria-label": `Error message of the next task of ${place}` });
  const planned = element("p", { class: "hint" });
  outcome.field.addEventListener("change", () => { error.node.hidden = outcome.field.value !== "failed"; });
  const form = element("form", { class: "deed-form", on: { submit: plan } },
    outcome.node, error.node, element("div", { class: "button-row" }, element("button", { class: "button is-small", type: "submit" }, "Plan it")), planned);
  const node = element("details", { class: "fold" },
    element("summary", {}, "From the dashboard", element("span", { class: "visually-hidden" }, `, ${place}`)),
    element("div", { class: "button-row" }, start("deploy"), start("restart")), form);

  function plan(event) {
    event.preventDefault();
    const words = error.field.value.trim();
    const message = outcome.field.value === "failed" && words ? { error_message: words } : {};
    deeds.plan(environment, { outcome: outcome.field.value, ...message }, place);
  }

  return { node, update: (endings) => say(planned, endings.length ? `Planned: ${endings.join(", then ")}.` : "Nothing is planned: it ends well.") };
}
