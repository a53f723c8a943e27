// Lets things go wrong on purpose, at Slack and at oec.sh, and shows what is still to come.

import { element } from "../dom.js";
import { AIMS, FAULTS, WORLDS, activeFault, causedWords, wishFor } from "./catalogue.js";
import { choiceField, smallButton, textField } from "./fields.js";
import { createKeyedList, say } from "./inplace.js";

/** {node, update({slack, hosting})}, lists of what is still to go wrong; `hosting` null where oec.sh is not beside. */
export function createFaults({ doors, act }) {
  const active = createActive(() => act("Everything goes well again.", () => clearAll(doors())));
  const groups = ["hosting", "slack"].map((world) => ({ world, group: createGroup(world, (fault, aim) =>
    act(causedWords(fault, aim), () => doors()[world].cause(wishFor(fault, aim)))) }));
  const node = element("div", { class: "beside-body" }, active.node, groups.map(({ group }) => group));

  function update({ slack, hosting }) {
    for (const { world, group } of groups) group.hidden = world === "hosting" && hosting === null;
    active.update([...(hosting ?? []).map((one) => activeFault("hosting", one)), ...slack.map((one) => activeFault("slack", one))]);
  }

  return { node, update };
}

async function clearAll({ slack, hosting }) {
  await Promise.all([slack.cause({ kind: "clear" }), hosting?.cause({ kind: "clear" })]);
}

function createActive(clear) {
  const list = element("ul", { class: "active-faults" });
  const rows = createKeyedList(list, () => {
    const name = element("strong");
    const words = element("span");
    const node = element("li", {}, element("span", { "aria-hidden": "true" }, "⚠ "), name, " ", words);
    return { node, update: (fault) => { say(name, `${WORLDS[fault.world]}: ${fault.name}`); say(words, fault.words); } };
  });
  const none = element("p", { class: "hint" }, "Nothing is set to go wrong.");
  const button = smallButton("Clear all", "faults", clear);
  const node = element("section", { class: "active", "aria-label": "What is set to go wrong" },
    element("div", { class: "place-line" }, element("h3", {}, "Set to go wrong"), button), none, list);

  function update(faults) {
    none.hidden = faults.length > 0;
    rows.update(faults.map((fault, index) => ({ ...fault, key: `${index}` })), ({ key }) => key);
  }

  return { node, update };
}

function createGroup(world, cause) {
  const times = textField("How many calls", "1", { type: "number", min: 1, max: 99, inputmode: "numeric" });
  const aim = choiceField("Which calls", AIMS[world]);
  const wish = () => ({ times: Math.max(1, Math.round(Number(times.field.value)) || 1), aim: aim.field.value });
  const drawFault = (fault) => element("li", { class: "fault" },
    element("div", {}, element("span", { class: "fault-name" }, fault.name), element("p", { class: "hint" }, fault.words)),
    smallButton(fault.now ? "Do it" : "Set it", `${WORLDS[world]}: ${fault.name}`, () => cause(fault, wish())));
  const mine = FAULTS.filter((fault) => fault.world === world);
  const draw = (words, faults) => element("ul", { class: "faults", "aria-label": words }, faults.map(drawFault));
  return element("section", { class: "fault-group", "aria-label": `Faults of ${WORLDS[world]}` },
    element("h3", {}, WORLDS[world]),
    element("div", { class: "filters" }, times.node, aim.node),
    draw(`Faults of the next calls to ${WORLDS[world]}`, mine.filter((fault) => !fault.now)),
    mine.some((fault) => fault.now) && [element("h4", {}, "The connection, at once"), draw("Faults of the connection", mine.filter((fault) => fault.now))]);
}
