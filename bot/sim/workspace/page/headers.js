// What stands over the messages: the place's name, who is in it, and whether the app listens.

import { element, icon } from "./dom.js";

/** The head of a channel. `onMenu` opens the list of places on a small screen; `zone` are words about whose clock it is. */
export function drawChannelHead({ channel, directory, bot, zone, onMenu }) {
  const members = channel.members.map((id) => directory.user(id));
  const absent = channel.members.includes(bot.id) ? null : `${bot.real_name} is not in this channel`;
  const names = members.map((user) => user.real_name).join(", ");
  return [
    menuButton(onMenu),
    element("div", { class: "place-words" },
      element("div", { class: "head-line" },
        element("h1", { tabindex: -1 }, channel.is_im ? "Direct messages" : [icon("hash"), channel.name]),
        element("p", { class: "place-zone" }, zone)),
      element("p", { class: "place-note" }, absent ? `${names} · ${absent}` : names)),
  ];
}

export function drawHomeHead({ bot, zone, onMenu }) {
  return [
    menuButton(onMenu),
    element("div", { class: "place-words" },
      element("div", { class: "head-line" }, element("h1", { tabindex: -1 }, bot.real_name), element("p", { class: "place-zone" }, zone)),
      element("p", { class: "place-note" }, "Home tab of the app, as only you see it")),
  ];
}

function menuButton(onMenu) {
  return element("button", {
    class: "button is-quiet is-icon menu-button", type: "button",
    "aria-label": "Channels and apps", "aria-controls": "sidebar", on: { click: onMenu },
  }, icon("menu"));
}

/** What stands over a channel's first message. */
export function drawBeginning(channel) {
  const words = channel.is_im ? "Only you and the app read what is written here." : `This is the beginning of #${channel.name}.`;
  return [element("p", { class: "beginning" }, words)];
}

/** "oec is connected", in words and with a sign. */
export function drawBotState(isConnected, name) {
  return [
    element("span", { class: `state-sign${isConnected ? " is-on" : ""}`, "aria-hidden": "true" }),
    element("span", {}, isConnected ? `${name} is connected` : `${name} is not connected`),
  ];
}
