import assert from "node:assert/strict";
import { test } from "node:test";
import { createMarks, feedKey, mentions, newMessages, newestTs, summarize } from "../../../../bot/sim/workspace/page/unread.js";

const ana = { id: "U0ANA", groups: ["S0RELEASE"] };
const message = (ts, more = {}) => ({ ts, user: "U0OECBOT", text: "x", ...more });

function storage(kept = {}) {
  return { getItem: (key) => kept[key] ?? null, setItem: (key, value) => { kept[key] = value; } };
}

for (const [words, more] of [
  ["a mention by name", { text: "hi <@U0ANA>" }],
  ["a mention in blocks", { blocks: [{ type: "section", text: { type: "mrkdwn", text: "<@U0ANA|ana>" } }] }],
  ["a mention in rich text", { blocks: [{ elements: [{ type: "user", user_id: "U0ANA" }] }] }],
  ["a mention of one's group", { text: "<!subteam^S0RELEASE>" }],
  ["a call to everybody", { text: "<!channel> down" }],
]) {
  test(`${words} speaks to this person`, () => assert.equal(mentions(message("1.0", more), ana), true));
}

test("others' mentions and one's own words do not", () => {
  assert.equal(mentions(message("1.0", { text: "<@U0BEN> <!subteam^S0OTHER>" }), ana), false);
  assert.equal(mentions(message("1.0", { text: "<@U0ANA>", user: "U0ANA" }), ana), false);
});

test("new is what others wrote after the mark", () => {
  const feed = [message("1.0"), message("2.0"), message("3.0", { user: "U0ANA" }), message("4.0")];
  assert.deepEqual(newMessages(feed, "1.0", ana).map((one) => one.ts), ["2.0", "4.0"]);
  assert.equal(newestTs(feed), "4.0");
  assert.equal(newestTs([]), null);
});

test("a channel's summary counts its threads' mentions", () => {
  const marks = createMarks(storage());
  marks.set(feedKey("U0ANA", "C1"), "1.0");
  const feeds = {
    "U0ANA/C1": [message("1.0", { reply_count: 2 }), message("5.0")],
    "U0ANA/C1/1.0": [message("1.0"), message("2.0"), message("3.0", { text: "<@U0ANA>" })],
  };
  assert.deepEqual(summarize({ feeds, marks, viewer: ana, channelId: "C1" }), { count: 1, mentions: 1, threads: { "1.0": 2 } });
});

test("marks only move forward and outlive the page", () => {
  const kept = storage();
  const marks = createMarks(kept);
  assert.equal(marks.set("a", "2.0"), true);
  assert.equal(marks.set("a", "1.0"), false);
  assert.equal(createMarks(kept).of("a"), "2.0");
});

test("broken storage begins anew", () => {
  assert.equal(createMarks({ getItem: () => "{", setItem() {} }).of("a"), null);
});
