// The list over the composer: commands and names that fit what is being typed.

import { element } from "./dom.js";

/** A listbox that belongs to `field`. A choice is {words, detail, insert: text, caret}. */
export function createSuggestions({ field, listId, onChange }) {
  const list = element("ul", { class: "suggestions", id: listId, role: "listbox", "aria-label": "Suggestions", hidden: true });
  let choices = [];
  let at = 0;
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", listId);
  field.addEventListener("blur", () => hide());

  function hide() {
    choices = [];
    list.hidden = true;
    field.removeAttribute("aria-activedescendant");
  }

  function show(found) {
    if (!found.length) return hide();
    choices = found;
    at = Math.min(at, found.length - 1);
    list.hidden = false;
    draw();
  }

  function draw() {
    list.replaceChildren(...choices.map((choice, index) => element("li", {
      id: `${listId}-${index}`, role: "option", "aria-selected": String(index === at),
      on: { pointerdown: (event) => (event.preventDefault(), take(index)) },
    }, element("strong", {}, choice.words), " ", element("span", { class: "hint" }, choice.detail))));
    field.setAttribute("aria-activedescendant", `${listId}-${at}`);
  }

  function take(index) {
    const { insert } = choices[index];
    hide();
    field.value = insert;
    field.setSelectionRange(insert.length, insert.length);
    at = 0;
    onChange();
  }

  /** Whether a key was meant for the list. */
  function steer(event) {
    if (list.hidden) return false;
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) {
      at = (at + moves[event.key] + choices.length) % choices.length;
      draw();
    } else if (event.key === "Escape") hide();
    else if (event.key === "Tab" || (event.key === "Enter" && !event.shiftKey)) take(at);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  return { node: list, show, steer };
}

/** What fits `text`: commands while the first word is typed, then that command's hint; names after `@`. */
export function suggest(text, caret, { commands, people, isThread }) {
  const none = { choices: [], hint: [] };
  if (text.startsWith("/") && !isThread) return suggestCommand(text, commands);
  const name = /(?:^|\s)@([\p{L}\p{N}_]*)$/u.exec(text.slice(0, caret));
  if (!name || caret !== text.length) return none;
  const fitting = people.filter((user) => user.name.startsWith(name[1].toLowerCase()) && user.name !== name[1]);
  const choices = fitting.map((user) => ({
    words: `@${user.name}`, detail: user.detail, insert: `${text.slice(0, caret - name[1].length)}${user.name} `,
  }));
  return { choices, hint: [] };
}

function suggestCommand(text, commands) {
  const [word] = text.split(/\s/, 1);
  const exact = commands.find((command) => command.command === word);
  if (exact) return { choices: [], hint: commandHint(exact) };
  if (/\s/.test(text)) return { choices: [], hint: [] };
  const fitting = commands.filter((command) => command.command.startsWith(word));
  return {
    choices: fitting.map((command) => ({
      words: `${command.command} ${command.usage_hint ?? ""}`, detail: command.description ?? "", insert: `${command.command} `,
    })),
    hint: [],
  };
}

function commandHint(command) {
  return [
    element("strong", {}, command.command),
    element("span", { class: "usage" }, command.usage_hint ?? ""),
    element("span", { class: "description" }, command.description ?? ""),
  ];
}
