// The second floor: a panel beside the workspace that shows both worlds from behind, and lets one move and break them.

import { element, icon } from "../dom.js";
import { createCalls } from "./calls.js";
import { createEnvironments } from "./environments.js";
import { createFaults } from "./faults.js";
import { say } from "./inplace.js";
import { createPoll } from "./poll.js";
import { createTabs } from "./tabs.js";
import { createWatch } from "./watch.js";

const OPEN_KEY = "oec-sandbox-beside";
const TAB_KEY = "oec-sandbox-beside-tab";
const ROOMY = "(min-width: 1440px)"; // open from the beginning
const COVERING = "(max-width: 719px)"; // the panel lies over the whole window
const LOST = {
  slack: "The sandbox is not answering. The panel finds it again by itself.",
  hosting: "The stand-in of oec.sh is not answering. The panel finds it again by itself.",
};

/** `toggle` opens and closes it, `covers` rests under it on a phone. `doors(besideUrl)` are the side doors. */
export function createBeside({ slot, toggle, covers, doors: openDoors, storage }) {
  const covering = window.matchMedia(COVERING);
  let besideUrl; // undefined until the workspace is known
  let zone = "UTC";
  let doors = openDoors(null);
  let watch = createWatch(doors);
  const poll = createPoll({ look: lookOnce, isWanted: () => isOpen() && !document.hidden && besideUrl !== undefined });
  const told = element("p", { class: "beside-told", role: "status" });
  const lost = element("p", { class: "banner", role: "status", hidden: true });
  const parts = {
    environments: createEnvironments({ door: () => doors.hosting, act, zone: () => zone }),
    calls: createCalls({ zone: () => zone }),
    faults: createFaults({ doors: () => doors, act }),
  };
  const tabs = createTabs({
    label: "Behind the scenes",
    tabs: [["environments", "Environments"], ["calls", "API calls"], ["faults", "Faults"]].map(([id, words]) => ({ id, words, panel: parts[id].node })),
    choose: (id) => storage.setItem(TAB_KEY, id),
  });
  const close = element("button", {
    class: "button is-quiet is-icon", type: "button", "aria-label": "Close Behind the scenes", on: { click: () => open(false) },
  }, icon("close"));
  slot.append(element("header", { class: "beside-head" }, tabs.head, close), lost, ...Object.values(parts).map(({ node }) => node), told);
  toggle.prepend(icon("layers"));
  toggle.addEventListener("click", () => open(!isOpen()));
  slot.addEventListener("keydown", (event) => event.key === "Escape" && !event.defaultPrevented && open(false));
  covering.addEventListener("change", show);

  function isOpen() {
    const remembered = storage.getItem(OPEN_KEY);
    return remembered ? remembered === "open" : Boolean(besideUrl) && window.matchMedia(ROOMY).matches;
  }

  function open(yes) {
    storage.setItem(OPEN_KEY, yes ? "open" : "closed");
    show();
    if (yes) tabs.head.querySelector("[aria-selected=true]").focus();
    else toggle.focus();
  }

  function show() {
    const yes = isOpen();
    slot.hidden = !yes;
    slot.parentElement.classList.toggle("has-beside", yes);
    toggle.setAttribute("aria-expanded", String(yes));
    covers.inert = yes && covering.matches;
    if (yes) poll.now();
  }

  async function lookOnce() {
    const { state, requests, calls, faults, isLost } = await watch.look();
    const trouble = isLost.slack ? LOST.slack : isLost.hosting ? LOST.hosting : "";
    say(lost, trouble);
    lost.hidden = !trouble;
    const planned = { slack: faults, hosting: doors.hosting ? state?.faults ?? [] : null };
    if (state) parts.environments.update(state);
    parts.calls.update({ requests, calls, keys: doors.hosting ? state?.keys ?? [] : null });
    parts.faults.update(planned);
    const count = planned.slack.length + (planned.hosting?.length ?? 0);
    tabs.label("faults", count ? `Faults (${count})` : "Faults");
  }

  /** Do something through a side door, say how it went, and look at once what came of it. */
  async function act(words, deed) {
    try {
      await deed();
      tell(words, false);
    } catch (error) {
      if (error.name !== "SideDoorError") throw error;
      tell(error.message, true);
    }
    await poll.now();
  }

  function tell(words, isComplaint) {
    told.textContent = words;
    told.classList.toggle("is-complaint", isComplaint);
  }

  /** Show what stands beside this workspace; may be called at any time. */
  function draw(shown) {
    zone = shown.zone;
    if (shown.besideUrl === besideUrl) return;
    besideUrl = shown.besideUrl;
    doors = openDoors(besideUrl);
    watch = createWatch(doors);
    tabs.label("environments", "Environments", !doors.hosting);
    const remembered = storage.getItem(TAB_KEY);
    tabs.show(remembered && (doors.hosting || remembered !== "environments") ? remembered : doors.hosting ? "environments" : "calls");
    show();
  }

  return { draw };
}
