// The list of channels and apps, with what is new in each for the person one acts as.

import { avatar, element, icon } from "./dom.js";
import { reconcile } from "./reconcile.js";
import { HOME, channelsOf, formatRoute, isDirect } from "./route.js";

/** Draws the two lists of the sidebar. `summaries` is {channelId: {count, mentions}}. */
export function createPlaces({ channels, apps }) {
  return {
    draw({ workspace, route, summaries }) {
      const mine = channelsOf(workspace, route.personId);
      const items = mine.map((channel, index) => placeItem({
        ...placeOf(channel), route, summary: summaries[channel.id], shortcut: index + 1,
      }));
      const bot = workspace.users.find((user) => user.id === workspace.bot.user_id);
      const direct = new Set(mine.filter(isDirect).map((channel) => channel.id));
      const home = placeItem({ place: HOME, words: bot.real_name, detail: "Home", mark: () => avatar(bot, "is-tiny"), route, shortcut: null });
      reconcile(channels, items.filter((item) => !direct.has(item.key)));
      reconcile(apps, [home, ...items.filter((item) => direct.has(item.key))]);
    },
  };
}

function placeOf(channel) {
  if (isDirect(channel)) return { place: channel.id, words: "Messages", detail: "direct", mark: () => icon("direct") };
  return { place: channel.id, words: channel.name, detail: "", mark: () => icon("hash") };
}

function placeItem({ place, words, detail, mark, route, summary = { count: 0, mentions: 0 }, shortcut }) {
  const isCurrent = route.place === place;
  const news = badgeWords(summary);
  return {
    key: place,
    signature: JSON.stringify([words, isCurrent, news, route.personId, shortcut]),
    content: "",
    draw: () => element("li", {}, element("a", {
      class: `place-link${news ? " has-news" : ""}`,
      href: formatRoute({ personId: route.personId, place }),
      "aria-current": isCurrent ? "page" : null,
      "aria-keyshortcuts": shortcut && shortcut < 10 ? `Alt+${shortcut}` : null,
      title: shortcut && shortcut < 10 ? `Alt+${shortcut}` : null,
      "data-focus-key": `place/${place}`,
    },
      mark(),
      element("span", { class: "place-name" }, words),
      detail && element("span", { class: "place-detail" }, detail),
      drawBadge(summary, news))),
  };
}

function badgeWords({ count, mentions }) {
  if (mentions) return `${mentions} for you`;
  return count ? `${count} new` : "";
}

function drawBadge({ mentions, count }, news) {
  if (!news) return null;
  return element("span", { class: `badge${mentions ? " is-mention" : ""}` },
    element("span", { "aria-hidden": "true" }, String(mentions || count)),
    element("span", { class: "visually-hidden" }, `, ${news}`));
}
