// How far the acting person has read: what is new here, what is new elsewhere, and where the line "New" stands.

import { channelsOf } from "./route.js";
import { newMessages, newestTs, summarize } from "./unread.js";

/** Keeps the marks of `createMarks` while one moves about. A pane is the channel's or the thread's. */
export function createReading(marks) {
  const panes = new Map(); // pane → {key, newAfterTs, isLoaded}

  return {
    /** Somebody opened this feed in this pane: what is newer than their mark is new. */
    enter(pane, key) {
      if (panes.get(pane)?.key !== key) panes.set(pane, { key, newAfterTs: marks.of(key), isLoaded: false });
    },
    leave: (pane) => panes.delete(pane),
    /** The feeds are loaded: where nothing is new there is no line, and from now on news is read as it comes. */
    settle(feedOf, viewer) {
      for (const [pane, entry] of panes) {
        const feed = feedOf(entry.key);
        if (!feed || entry.isLoaded) continue;
        const isNew = entry.newAfterTs !== null && newMessages(feed, entry.newAfterTs, viewer).length > 0;
        panes.set(pane, { ...entry, isLoaded: true, newAfterTs: isNew ? entry.newAfterTs : null });
      }
    },
    newAfterTs: (pane) => panes.get(pane)?.newAfterTs ?? null,
    /** What is on screen in a visible window counts as read. */
    markRead(pane, messages) {
      const entry = panes.get(pane);
      if (entry?.isLoaded && document.visibilityState === "visible") marks.set(entry.key, newestTs(messages));
    },
    /** {channelId: {count, mentions, threads}} for every channel of this person. */
    summaries({ workspace, feeds, viewer }) {
      const summaries = channelsOf(workspace, viewer.id).map((channel) => [channel.id, summarize({ feeds, marks, viewer, channelId: channel.id })]);
      return Object.fromEntries(summaries);
    },
  };
}
