// The app's Home tab as the acting person sees it.

import { drawKit } from "./blocks.js";
import { element } from "./dom.js";
import { swap } from "./reconcile.js";

/** Draws into `slot`. Opening it tells the app, which may then publish a new version. */
export function createHome({ slot, api, surfaces }) {
  const content = element("div", { class: "home-content", tabindex: -1 });
  const scroller = element("div", { class: "scroller", tabindex: 0, role: "region", "aria-label": "Home of the app" }, content);
  const notice = element("p", { class: "composer-notice", role: "status" });
  let shown = "";
  let reader = "";
  slot.append(scroller, notice);

  return {
    /** Tell the app that this person opened its Home tab. */
    async open(personId) {
      try {
        await api.home({ user_id: personId });
        notice.textContent = "";
      } catch (error) {
        notice.textContent = error.message;
      }
    },
    draw(home, personId, botName) {
      const wanted = JSON.stringify([home, personId]);
      if (wanted === shown) return;
      shown = wanted;
      const surface = home && surfaces.view(home);
      const body = home
        ? element("div", { class: "home-view", tabindex: -1 }, drawKit(home.blocks ?? [], surface), surface.presses.drawNotice(surface.key))
        : element("p", { class: "empty" }, `${botName} has not put anything on its Home tab for you yet.`);
      const place = personId === reader ? scroller.scrollTop : 0; // a page to read, not a feed: it opens at its top
      reader = personId;
      if (content.firstElementChild) swap(content.firstElementChild, body);
      else content.append(body);
      scroller.scrollTop = place;
    },
  };
}
