// The platform's side: its environments and their tasks, and how fast they move.

import { element } from "../dom.js";
import { choiceField } from "./fields.js";
import { createKeyedList } from "./inplace.js";
import { createEnvironment } from "./environment.js";
import { PACES, paceWords } from "./words.js";

/** {node, update(state)}. `act(words, deed)` does something at the platform and tells how it went. */
export function createEnvironments({ door, act, zone }) {
  const deeds = {
    touch: (task, body, told) => act(told, () => door().touchTask(task.id, body)),
    start: ({ id }, type, place) => act(`Started a ${type} of ${place}.`, () => door().startTask({ environment_id: id, type })),
    plan: ({ id }, ending, place) => act(`The next task of ${place} will be ${ending.outcome}.`, () => door().planEnding({ environment_id: id, ...ending })),
  };
  const pace = createPace((body) => act(`Tasks move: ${paceWords(body).toLowerCase()}.`, () => door().setPace(body)));
  const list = element("ul", { class: "place-cards", "aria-label": "Environments" });
  const cards = createKeyedList(list, (item) => createEnvironment(item, { deeds, zone }));
  const node = element("div", { class: "beside-body" }, pace.node, list);

  function update(state) {
    pace.update(state.pace);
    cards.update(itemsOf(state), ({ environment }) => environment.id);
  }

  return { node, update };
}

/** Each environment that is still there, with its tasks, newest first. */
function itemsOf({ projects, environments, tasks, endings = {} }) {
  const names = new Map(projects.map(({ id, name }) => [id, name]));
  const newestFirst = [...tasks].reverse().sort((a, b) => Date.parse(b.created_at) - Date.parse(a.created_at));
  return environments.filter(({ status }) => status !== "deleted").map((environment) => ({
    environment,
    project: names.get(environment.project_id) ?? "",
    tasks: newestFirst.filter((task) => task.environment_id === environment.id),
    endings: endings[environment.id] ?? [],
  }));
}

function createPace(set) {
  const { node, field } = choiceField("Tasks move", PACES.map((pace) => [JSON.stringify(pace), paceWords(pace)]));
  node.classList.add("is-line");
  let shown = "";
  field.addEventListener("change", () => set(JSON.parse(field.value)));

  function update(pace) {
    const value = JSON.stringify(pace);
    if (value === shown) return;
    shown = value;
    if (![...field.options].some((option) => option.value === value)) field.append(element("option", { value }, paceWords(pace)));
    field.value = value;
  }

  return { node, update };
}
