// The screen: builds its parts once and brings them in line with the state whenever that changes.

import { createBeside } from "./beside/panel.js";
import { createComposer } from "./composer.js";
import { zoneWords } from "./dates.js";
import { element } from "./dom.js";
import { createFeed } from "./feed.js";
import { drawBeginning, drawBotState, drawChannelHead, drawHomeHead } from "./headers.js";
import { createHome } from "./home.js";
import { createModals } from "./modals.js";
import { parseMrkdwn } from "./mrkdwn.js";
import { createPeople } from "./people.js";
import { createPlaces } from "./places.js";
import { drawBlocks } from "./prose.js";
import { HOME } from "./route.js";
import { suggest } from "./suggestions.js";
import { createThread } from "./thread.js";
import { feedKey } from "./unread.js";
import { createWelcome } from "./welcome.js";

const OFFLINE = "The sandbox is not answering. This page finds it again by itself; what you typed is kept.";
const SAID_AT_MOST = 5;
const byId = (id) => document.getElementById(id);

/** `draw()` shows the state as it is now; it may be called at any time and touches only what differs. */
export function createScreen({ api, doors, state, storage, reading, drafts, surfaces, reader, memory, go, send, runShortcut, reloadViews }) {
  const narrow = window.matchMedia("(max-width: 719px)");
  const covered = window.matchMedia("(max-width: 860px)"); // a thread lies over the channel
  const people = createPeople(byId("people"), (personId) => go({ personId }));
  const places = createPlaces({ channels: byId("channels"), apps: byId("apps") });
  const home = createHome({ slot: byId("home-body"), api, surfaces });
  const personId = () => state.get().route.personId;
  const modals = createModals({ api, surfaces, drafts, personId, reload: reloadViews, whenClosed: () => composer.focus() });
  const feed = createFeed({ label: "Messages", begin: () => drawBeginning(channel()) });
  const threadTs = () => state.get().route.threadTs;
  const composer = createComposer({ id: "composer", memory, place: () => writingPlace(null), send: (text) => sendFrom(feed, text, null) });
  const thread = createThread({
    slot: byId("thread"),
    close: leaveThread,
    composer: { memory, place: () => writingPlace(threadTs()), send: (text) => sendFrom(thread.feed, text, threadTs()) },
  });
  const welcome = createWelcome({
    slot: byId("welcome"), reopenSlot: byId("sidebar-end"), storage, attempt, isNarrow: () => narrow.matches, rest: focusHeading,
  });
  const beside = createBeside({ slot: byId("beside"), toggle: byId("beside-toggle"), covers: byId("window"), doors, storage });
  const backdrop = element("button", {
    class: "backdrop", type: "button", "aria-label": "Close the list of channels", hidden: true, on: { click: () => openDrawer(false) },
  });
  byId("channel-body").append(...feed.nodes, composer.node);
  byId("sidebar").after(backdrop);
  byId("skip").addEventListener("click", skip);
  byId("sidebar").addEventListener("click", (event) => event.target.closest("a, .sidebar-end button") && openDrawer(false), true); // first the drawer, then what the press does
  byId("sidebar").addEventListener("keydown", (event) => event.key === "Escape" && openDrawer(false));
  narrow.addEventListener("change", () => openDrawer(false));
  for (const width of [narrow, covered]) width.addEventListener("change", () => state.get().route && draw());

  function skip(event) {
    event.preventDefault(); // the address holds the place, not an anchor
    if (channel()) composer.focus();
    else focusHeading();
  }

  function focusHeading() {
    byId("place").querySelector("h1")?.focus();
  }

  function channel() {
    const { directory, route } = state.get();
    return directory.channel(route.place);
  }

  function writingPlace(rootTs) {
    const { workspace, route } = state.get();
    const { viewer } = reader();
    const where = channel()?.is_im ? "the app" : `#${channel()?.name}`;
    const known = { commands: workspace.commands, people: named(workspace), isThread: Boolean(rootTs) };
    return {
      key: feedKey(viewer.id, route.place, rootTs),
      label: rootTs ? `Reply as ${viewer.real_name}` : `Message ${where} as ${viewer.real_name}`,
      suggest: (text, caret) => suggest(text, caret, known),
    };
  }

  async function sendFrom(from, text, rootTs) {
    const complaint = await send(text, rootTs);
    from.toEnd();
    return complaint;
  }

  async function attempt({ user_id: userId, channel_id: place, input }) {
    await go({ personId: userId, place, threadTs: null });
    draw();
    composer.put(input ?? "");
  }

  async function openThread(rootTs) {
    await go({ threadTs: rootTs });
    draw();
    thread.focus(narrow.matches);
  }

  async function leaveThread() {
    const root = CSS.escape(threadTs());
    await go({ threadTs: null });
    draw();
    const back = feed.list.querySelector(`[data-focus-key="thread/${root}"]`) ?? feed.list.querySelector(`[data-ts="${root}"]`);
    back?.focus({ preventScroll: true });
  }

  function openDrawer(open) {
    const wasOpen = byId("sidebar").classList.contains("is-open");
    byId("sidebar").classList.toggle("is-open", open);
    backdrop.hidden = !open;
    byId("place").inert = open;
    if (open) byId("sidebar").querySelector("[aria-current=page]")?.focus();
    else if (wasOpen) focusHeading();
  }

  function draw() {
    const shown = state.get();
    const { workspace, route, feeds, views, directory } = shown;
    const { viewer } = reader();
    const isHome = route.place === HOME;
    markRead(shown);
    const summaries = reading.summaries({ workspace, feeds, viewer });
    drawFrame(shown, { summaries, viewer });
    byId("channel-body").hidden = isHome;
    byId("home-body").hidden = !isHome;
    const bot = directory.user(workspace.bot.user_id);
    if (isHome) home.draw(views[route.personId]?.home ?? null, route.personId, bot.real_name);
    else drawChannel(shown, summaries[route.place]);
    drawThread(shown);
    modals.draw(views[route.personId]?.modals ?? []);
    beside.draw({ besideUrl: workspace.beside_url ?? null, zone: viewer.tz });
  }

  function markRead({ route, feeds }) {
    const key = feedKey(route.personId, route.place);
    if (route.place !== HOME) reading.markRead("channel", feeds[key] ?? []);
    if (route.threadTs) reading.markRead("thread", feeds[`${key}/${route.threadTs}`] ?? []);
  }

  function drawFrame({ workspace, route, directory, isOnline, trouble }, { summaries, viewer }) {
    const bot = directory.user(workspace.bot.user_id);
    byId("team-name").textContent = workspace.team.name;
    document.title = titleOf({ workspace, route, directory, summaries });
    people.draw(workspace.people, viewer.id);
    places.draw({ workspace, route, summaries });
    const isConnected = isOnline && workspace.bot.connections > 0;
    redraw(byId("bot-state"), [isConnected], () => drawBotState(isConnected, bot.real_name));
    const onMenu = () => openDrawer(true);
    const zone = zoneOf(viewer);
    redraw(byId("place-head"), [route.place, channel(), workspace.users, zone], () =>
      (route.place === HOME ? drawHomeHead({ bot, zone, onMenu }) : drawChannelHead({ channel: channel(), directory, bot, zone, onMenu })));
    byId("banner").textContent = isOnline ? trouble : OFFLINE;
    byId("banner").hidden = isOnline && !trouble;
    welcome.draw(workspace.welcome, directory);
  }

  function feedOptions({ workspace, route }, { isReply, threadNews }) {
    return {
      reader: reader(), surfaces, channelId: route.place, pane: isReply ? "thread" : "channel", isReply, threadNews, openThread, runShortcut,
      shortcuts: workspace.shortcuts.filter((shortcut) => shortcut.type === "message"),
    };
  }

  function drawChannel(shown, summary) {
    const key = feedKey(shown.route.personId, shown.route.place);
    const messages = shown.feeds[key];
    composer.draw();
    if (!messages) return;
    const options = feedOptions(shown, { isReply: false, threadNews: summary?.threads ?? {} });
    const { added } = feed.draw({ key, messages, newAfterTs: reading.newAfterTs("channel"), options });
    announce(messages, added);
  }

  function drawThread(shown) {
    const { route, feeds } = shown;
    byId("place").inert = Boolean(route.threadTs && covered.matches) || byId("sidebar").classList.contains("is-open");
    const key = feedKey(route.personId, route.place, route.threadTs);
    const messages = route.threadTs && feeds[key];
    if (!messages) return void thread.draw({ key: null });
    const options = feedOptions(shown, { isReply: true, threadNews: {} });
    const drawn = thread.draw({
      key, place: channel().is_im ? "" : `#${channel().name}`, zone: zoneOf(reader().viewer),
      messages, newAfterTs: reading.newAfterTs("thread"), options,
    });
    announce(messages, drawn.added);
  }

  /** Say new messages of others to a screen reader; edits stay quiet, as there may be many. */
  function announce(messages, added) {
    const { viewer, directory } = reader();
    const isFresh = (message) => message.user !== viewer.id && added.some((key) => key.endsWith(`/${message.ts}`));
    for (const message of messages.filter(isFresh)) {
      const words = element("p", {}, drawBlocks(parseMrkdwn(message.text ?? ""), reader())).textContent;
      const whom = message.ephemeral ? ", only to you" : "";
      const author = directory.user(message.user, message.username).real_name;
      byId("announcer").append(element("p", {}, `${author}${whom}: ${words}`));
    }
    while (byId("announcer").children.length > SAID_AT_MOST) byId("announcer").firstElementChild.remove();
  }

  return { draw, openHome: (personId) => home.open(personId) };
}

/** By whose clock the times are: who acts as somebody else reads other times than a moment ago. */
function zoneOf(viewer) {
  return `Times in ${zoneWords(viewer.tz, new Date())}`;
}

/** People and the app, as `@` offers them. */
function named(workspace) {
  return workspace.users.map((user) => ({ name: user.name, detail: user.is_bot ? "app" : user.role ?? user.real_name }));
}

function titleOf({ workspace, route, directory, summaries }) {
  const forMe = Object.values(summaries).reduce((sum, { mentions }) => sum + mentions, 0);
  const channel = directory.channel(route.place);
  const place = channel ? (channel.is_im ? "Direct messages" : `#${channel.name}`) : workspace.bot.name ?? "Home";
  return `${forMe ? `(${forMe}) ` : ""}${place} · ${workspace.team.name}`;
}

const shows = new WeakMap(); // node → what its content was built from

/** Replace what a node holds when what it depends on has changed. */
function redraw(node, inputs, build) {
  const wanted = JSON.stringify(inputs);
  if (shows.get(node) === wanted) return;
  shows.set(node, wanted);
  node.replaceChildren(...build());
}
