// Fetches what the page shows and puts it into the state: the workspace, feeds of messages, modals and Home.

import { channelsOf } from "./route.js";
import { feedKey } from "./unread.js";

const RECENT_ROOTS = 12;

/** Loads on demand. Loads of the same thing never overlap: one that is asked for meanwhile runs once more afterwards. */
export function createLoader({ api, state }) {
  const turns = new Map();

  function inTurn(key, load) {
    const turn = turns.get(key) ?? { running: null, again: false };
    turns.set(key, turn);
    if (turn.running) turn.again = true;
    else turn.running = repeat(turn, load).finally(() => { turn.running = null; });
    return turn.running;
  }

  async function workspace() {
    await inTurn("workspace", async () => state.set({ workspace: normalise(await api.workspace()) }));
  }

  function feed(personId, channelId, threadTs = null) {
    const key = feedKey(personId, channelId, threadTs);
    return inTurn(key, async () => {
      const { messages } = await api.messages(personId, channelId, threadTs);
      state.set({ feeds: { ...state.get().feeds, [key]: messages } });
    });
  }

  function views(personId) {
    return inTurn(`views/${personId}`, async () => {
      const { home, modals } = await api.views(personId);
      state.set({ views: { ...state.get().views, [personId]: { home: home ?? null, modals: modals ?? [] } } });
    });
  }

  /** Everything this person sees: all their channels and the threads with replies they may not have read. */
  async function person(personId) {
    const channels = channelsOf(state.get().workspace, personId);
    await Promise.all([views(personId), ...channels.map((channel) => feed(personId, channel.id))]);
    const roots = channels.flatMap((channel) => rootsWithReplies(state.get().feeds[feedKey(personId, channel.id)] ?? [])
      .map((root) => feed(personId, channel.id, root.ts)));
    await Promise.all(roots);
  }

  return { workspace, feed, views, person };
}

async function repeat(turn, load) {
  do {
    turn.again = false;
    await load();
  } while (turn.again);
}

function rootsWithReplies(messages) {
  return messages.filter((message) => message.reply_count > 0).slice(-RECENT_ROOTS);
}

const TINTS = ["teal", "indigo", "amber", "rose", "moss", "slate"];

/** The workspace as the page uses it: people apart from the app's user, each with a tint and a role. */
export function normalise(answer) {
  const bot = answer.bot ?? { user_id: null, connections: 0 };
  const groups = answer.groups ?? [];
  const users = (answer.users ?? []).map((user, index) => ({
    ...user,
    tint: TINTS.includes(user.color) ? user.color : TINTS[index % TINTS.length],
    tz: user.tz || "UTC",
    is_bot: Boolean(user.is_bot) || user.id === bot.user_id,
    groups: groups.filter((group) => group.users.includes(user.id)).map((group) => group.id),
  }));
  if (bot.user_id && !users.some((user) => user.id === bot.user_id)) users.push(botUser(bot));
  const people = users.filter((user) => !user.is_bot && !user.is_deactivated).map((user) => ({ ...user, role: roleOf(user, groups) }));
  const { commands = [], shortcuts = [], welcome = null } = answer;
  return { ...answer, bot, groups, users, people, commands, shortcuts, welcome };
}

function botUser(bot) {
  return { id: bot.user_id, name: bot.name ?? "oec", real_name: bot.name ?? "oec", tint: "slate", tz: "UTC", is_bot: true, groups: [] };
}

function roleOf(user, groups) {
  if (user.is_guest) return "guest";
  const group = groups.find((one) => user.groups.includes(one.id));
  return group ? group.handle.replace(/s$/, "") : "member";
}

/** Look-ups by id; somebody unknown still has a name. */
export function createDirectory(workspace) {
  const byId = (list) => new Map(list.map((one) => [one.id, one]));
  const [users, channels, groups] = [workspace.users, workspace.channels, workspace.groups].map(byId);
  return {
    people: workspace.people,
    channels: workspace.channels,
    user: (id, name = id) => users.get(id) ?? { id, name, real_name: name, tint: "slate", tz: "UTC", groups: [] },
    channel: (id) => channels.get(id) ?? null,
    group: (id) => groups.get(id) ?? null,
  };
}
