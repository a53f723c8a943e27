// What is new for a person: counts, mentions, and how far they have read. Pure, apart from where the marks are kept.

const STORAGE_KEY = "oec-sandbox-read";

/** Up to which ts each person has read each feed; kept for the life of the browser tab. */
export function createMarks(storage) {
  let marks = readMarks(storage);
  return {
    of: (feedKey) => marks[feedKey] ?? null,
    set(feedKey, ts) {
      if (!ts || marks[feedKey] >= ts) return false;
      marks = { ...marks, [feedKey]: ts };
      storage.setItem(STORAGE_KEY, JSON.stringify(marks));
      return true;
    },
  };
}

function readMarks(storage) {
  try {
    return JSON.parse(storage.getItem(STORAGE_KEY)) ?? {};
  } catch {
    return {};
  }
}

export function feedKey(personId, channelId, threadTs = null) {
  return [personId, channelId, threadTs].filter(Boolean).join("/");
}

/** Whether a message speaks to this person: by name, by one of their groups, or to everybody. */
export function mentions(message, viewer) {
  if (message.user === viewer.id) return false;
  const said = JSON.stringify([message.text ?? "", message.blocks ?? []]);
  const tokens = [`<@${viewer.id}`, `"user_id":"${viewer.id}"`, "<!channel", "<!here", "<!everyone", '"range":"'];
  const groups = (viewer.groups ?? []).flatMap((id) => [`<!subteam^${id}`, `"usergroup_id":"${id}"`]);
  return [...tokens, ...groups].some((token) => said.includes(token));
}

/** The messages of others that came after the mark. */
export function newMessages(feed, markTs, viewer) {
  return feed.filter((message) => message.user !== viewer.id && (markTs === null || message.ts > markTs));
}

/** {count, mentions, threads: {rootTs: new replies}} of one channel, its threads included. */
export function summarize({ feeds, marks, viewer, channelId }) {
  const own = feeds[feedKey(viewer.id, channelId)] ?? [];
  const fresh = newMessages(own, marks.of(feedKey(viewer.id, channelId)), viewer);
  const summary = { count: fresh.length, mentions: fresh.filter((message) => mentions(message, viewer)).length, threads: {} };
  for (const root of own) {
    const key = feedKey(viewer.id, channelId, root.ts);
    const replies = (feeds[key] ?? []).filter((message) => message.ts !== root.ts);
    const unseen = newMessages(replies, marks.of(key), viewer);
    if (!unseen.length) continue;
    summary.threads[root.ts] = unseen.length;
    summary.mentions += unseen.filter((message) => mentions(message, viewer)).length;
  }
  return summary;
}

export function newestTs(feed) {
  return feed.reduce((newest, message) => (newest === null || message.ts > newest ? message.ts : newest), null);
}
