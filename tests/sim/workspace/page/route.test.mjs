import assert from "node:assert/strict";
import { test } from "node:test";
import { channelsOf, formatRoute, parseRoute, placeOfPermalink, settleRoute } from "../../../../bot/sim/workspace/page/route.js";

const workspace = {
  people: [{ id: "U0ANA" }, { id: "U0GUS" }],
  channels: [
    { id: "D1", members: ["U0ANA"] },
    { id: "C0DEPLOYS", members: ["U0ANA", "U0GUS"] },
    { id: "C0OPS", members: ["U0ANA"] },
  ],
};

for (const route of [
  { personId: "U0ANA", place: "C0OPS", threadTs: "1700000000.000100" },
  { personId: "U0ANA", place: "home", threadTs: null },
  { personId: "U0ANA", place: null, threadTs: null },
]) {
  test(`${formatRoute(route)} comes back as it was`, () => assert.deepEqual(parseRoute(formatRoute(route)), route));
}

test("an empty or broken address is nowhere", () => {
  for (const hash of ["", "#", "#/", "#/%E0%A4%A"]) assert.deepEqual(parseRoute(hash), { personId: null, place: null, threadTs: null });
});

test("nowhere settles on the first person's first channel", () => {
  assert.deepEqual(settleRoute(parseRoute(""), workspace), { personId: "U0ANA", place: "C0DEPLOYS", threadTs: null });
});

test("a channel one is not in gives way, and its thread with it", () => {
  const route = { personId: "U0GUS", place: "C0OPS", threadTs: "1.1" };
  assert.deepEqual(settleRoute(route, workspace), { personId: "U0GUS", place: "C0DEPLOYS", threadTs: null });
});

test("a known place stays, thread included", () => {
  const route = { personId: "U0ANA", place: "C0OPS", threadTs: "1.1" };
  assert.deepEqual(settleRoute(route, workspace), route);
});

test("direct messages come last", () => {
  assert.deepEqual(channelsOf(workspace, "U0ANA").map((channel) => channel.id), ["C0DEPLOYS", "C0OPS", "D1"]);
});

const HERE = "http://127.0.0.1:8420";

test("a link to a message on this page is its place", () => {
  assert.deepEqual(placeOfPermalink(`${HERE}/archives/C0OPS/p1700000000000100`, HERE), { place: "C0OPS", threadTs: "1700000000.000100" });
});

test("a link to a reply is its thread", () => {
  const link = `${HERE}/archives/C0OPS/p1700000000000200?thread_ts=1700000000.000100&cid=C0OPS`;
  assert.deepEqual(placeOfPermalink(link, HERE), { place: "C0OPS", threadTs: "1700000000.000100" });
});

test("every other address is no place here", () => {
  for (const url of [
    "https://team.slack.example/archives/C0OPS/p1700000000000100",
    "http://127.0.0.1:8421/archives/C0OPS/p1700000000000100",
    `${HERE}/archives/C0OPS/p17`,
    `${HERE}/page/main.js`,
    "javascript:alert(1)",
    "",
  ]) assert.equal(placeOfPermalink(url, HERE), null);
});
