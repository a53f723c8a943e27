// Puts the page together: loads the workspace, follows the address and the news, keeps the screen true.

import { createMemory } from "./composer.js";
import { openJump, readShortcut } from "./jump.js";
import { createDirectory, createLoader } from "./loading.js";
import { createPresses } from "./presses.js";
import { createReading } from "./reading.js";
import { HOME, channelsOf, formatRoute, parseRoute, settleRoute } from "./route.js";
import { createScreen } from "./screen.js";
import { sendText } from "./sending.js";
import { createState } from "./state.js";
import { createStream } from "./stream.js";
import { createDrafts, createSurfaces } from "./surfaces.js";
import { createMarks, feedKey } from "./unread.js";

const RETRY_MILLISECONDS = 1500;

/** Everything behind the screen, and the screen itself. `doors(besideUrl)` are the side doors; `storage` is the browser tab's. */
export function createPage({ api, doors, storage }) {
  const state = createState({ workspace: null, directory: null, route: null, feeds: {}, views: {}, isOnline: true, trouble: "" });
  const loader = createLoader({ api, state });
  const reading = createReading(createMarks(storage));
  const drafts = createDrafts();
  const presses = createPresses({ api, personId: () => state.get().route.personId });
  const surfaces = createSurfaces({ drafts, presses, reader });
  const stream = createStream({ onNews: hear, onLine });
  const screen = createScreen({
    api, doors, state, storage, reading, drafts, surfaces, reader,
    memory: createMemory(() => state.get().route.personId),
    go, send, runShortcut,
    reloadViews: () => load(loader.views(state.get().route.personId)),
  });
  let isDrawPlanned = false;

  state.subscribe((_snapshot, changed) => {
    if (changed.has("workspace")) state.set({ directory: createDirectory(state.get().workspace) });
    planDraw();
  });

  function reader() {
    const { directory, route } = state.get();
    return { viewer: directory.user(route.personId), directory, now: () => new Date() };
  }

  function planDraw() {
    if (isDrawPlanned) return;
    isDrawPlanned = true;
    queueMicrotask(() => {
      isDrawPlanned = false;
      if (state.get().route) screen.draw();
    });
  }

  /** Wait for a load; what goes wrong is said in the banner instead of being lost. */
  async function load(loading) {
    try {
      await loading;
      state.set({ trouble: "" });
    } catch (error) {
      state.set(error.status === 0 ? { isOnline: false } : { trouble: error.message });
    }
  }

  async function start() {
    window.addEventListener("hashchange", () => applyRoute());
    document.addEventListener("visibilitychange", planDraw);
    document.addEventListener("keydown", onKey);
    await load(loader.workspace());
    if (!state.get().workspace) return void setTimeout(start, RETRY_MILLISECONDS);
    await applyRoute();
  }

  /** Go somewhere else, as somebody else, or into a thread. */
  function go(patch) {
    history.pushState(null, "", formatRoute({ ...state.get().route, ...patch }));
    return applyRoute();
  }

  async function applyRoute() {
    const { workspace, route: before } = state.get();
    const route = settleRoute(parseRoute(window.location.hash), workspace);
    if (formatRoute(route) !== window.location.hash) history.replaceState(null, "", formatRoute(route));
    const { personId, place, threadTs } = route;
    if (place !== HOME) reading.enter("channel", feedKey(personId, place));
    if (threadTs) reading.enter("thread", feedKey(personId, place, threadTs));
    else reading.leave("thread");
    state.set({ route });
    stream.follow(personId);
    await load(Promise.all(loadsFor(route, before)));
    settleReading();
    const isOpened = place === HOME && (before?.place !== HOME || before.personId !== personId);
    if (isOpened) await screen.openHome(personId);
  }

  function loadsFor({ personId, place, threadTs }, before) {
    const loads = [];
    if (before?.personId !== personId) loads.push(loader.person(personId));
    else if (place !== HOME) loads.push(loader.feed(personId, place));
    if (threadTs) loads.push(loader.feed(personId, place, threadTs));
    return loads;
  }

  function settleReading() {
    const { feeds } = state.get();
    reading.settle((key) => feeds[key], reader().viewer);
    planDraw();
  }

  function hear(news) {
    const { route, workspace } = state.get();
    if (news.kind === "workspace") load(loader.workspace());
    if (news.kind === "views") load(loader.views(route.personId));
    if (news.kind !== "messages") return;
    if (!workspace.channels.some((channel) => channel.id === news.channel_id)) load(loader.workspace());
    load(loader.feed(route.personId, news.channel_id));
    if (news.thread_ts) load(loader.feed(route.personId, news.channel_id, news.thread_ts));
  }

  /** After every gap in the news the page asks for everything again, as it cannot know what it missed. */
  async function onLine(isOnline) {
    state.set({ isOnline });
    if (!isOnline) return;
    await load(loader.workspace());
    await applyRoute();
    await load(loader.person(state.get().route.personId));
  }

  /** Send what was typed; resolves to null or to words about what went wrong. */
  async function send(text, threadTs) {
    const { workspace, route } = state.get();
    const complaint = await sendText(text, { api, workspace, personId: route.personId, channelId: route.place, threadTs });
    await load(loader.feed(route.personId, route.place, threadTs));
    return complaint;
  }

  async function runShortcut(shortcut, message) {
    const { route } = state.get();
    try {
      const { acked } = await api.shortcut({
        user_id: route.personId, callback_id: shortcut.callback_id, channel_id: route.place, message_ts: message.ts,
      });
      state.set({ trouble: acked ? "" : `No answer from the app to “${shortcut.name}”.` });
    } catch (error) {
      state.set({ trouble: error.message });
    }
  }

  function onKey(event) {
    const wish = readShortcut(event);
    if (!wish || !state.get().route || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    const { workspace, route } = state.get();
    const channel = channelsOf(workspace, route.personId)[wish.place - 1];
    const person = workspace.people[wish.person - 1];
    if (wish.jump) openJump(targets(workspace, route));
    else if (channel) go({ place: channel.id, threadTs: null });
    else if (person) go({ personId: person.id });
  }

  function targets(workspace, route) {
    const channels = channelsOf(workspace, route.personId).map((channel) => ({
      words: channel.is_im ? "Direct messages" : `#${channel.name}`, detail: "channel", go: () => go({ place: channel.id, threadTs: null }),
    }));
    const people = workspace.people.map((user) => ({ words: user.real_name, detail: user.role, go: () => go({ personId: user.id }) }));
    const home = { words: workspace.bot.name ?? "Home", detail: "app", go: () => go({ place: HOME, threadTs: null }) };
    return [...channels, home, ...people];
  }

  return { start };
}
