// The switch of the person one acts as: always in sight, one press or one arrow key away.

import { avatar, element } from "./dom.js";

/** Draws into `fieldset`; `choose(personId)` is called when somebody else is picked. */
export function createPeople(fieldset, choose) {
  let shown = "";

  function build(people) {
    for (const label of fieldset.querySelectorAll("label")) label.remove();
    fieldset.append(...people.map((user, index) => element("label", {
      class: "person", title: `${user.title || user.role} · ${user.tz} · Alt+Shift+${index + 1}`,
    },
      element("input", { type: "radio", name: "person", value: user.id, on: { change: () => choose(user.id) } }),
      avatar(user, "is-small"),
      element("span", { class: "person-words" },
        element("span", { class: "person-name" }, user.real_name),
        element("span", { class: "person-role" }, user.role)))));
  }

  return {
    draw(people, personId) {
      const wanted = JSON.stringify(people);
      if (wanted !== shown) build(people);
      shown = wanted;
      for (const input of fieldset.querySelectorAll("input")) input.checked = input.value === personId;
    },
  };
}
