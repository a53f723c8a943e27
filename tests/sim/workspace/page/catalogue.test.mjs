import assert from "node:assert/strict";
import { test } from "node:test";
import { AIMS, FAULTS, activeFault, causedWords, wishFor } from "../../../../bot/sim/workspace/page/beside/catalogue.js";

const fault = (id) => FAULTS.find((one) => one.id === id);
const aim = { times: 2, aim: "chat.update" };

test("every fault has a name of its own in its world, and a sentence", () => {
  assert.equal(new Set(FAULTS.map(({ world, name }) => `${world}/${name}`)).size, FAULTS.length);
  assert.deepEqual(FAULTS.filter(({ words }) => !/^[A-Z a-z].+\.$/.test(words)), []);
});

test("a fault of the next calls is sent with its aim, one of the connection as it is", () => {
  assert.deepEqual(wishFor(fault("slack-ratelimit"), aim), { kind: "ratelimit", retry_after: 5, times: 2, method: "chat.update" });
  assert.deepEqual(wishFor(fault("slack-refresh"), aim), { kind: "disconnect", reason: "refresh_requested" });
  assert.deepEqual(wishFor(fault("slack-ticket"), aim), { kind: "refuse_ticket", times: 2 });
});

test("the confirmation tells whether it happened or what it waits for", () => {
  assert.equal(causedWords(fault("slack-reset"), aim), "Slack: cut the socket, done.");
  assert.equal(causedWords(fault("slack-lost"), aim), "Slack: lost answer, waits for the next 2 calls of chat.update.");
  assert.equal(causedWords(fault("slack-ticket"), { times: 1, aim: "*" }), "Slack: refused ticket, waits for the next connection.");
  assert.equal(causedWords(fault("oec-after"), { times: 1, aim: AIMS.hosting[0][0] }), "oec.sh: cut after, waits for the next call.");
});

test("what is still to come is named as it was offered", () => {
  assert.equal(activeFault("hosting", { kind: "status", status: 503, method: "*", path: "*", times: 1 }).name, "Unavailable (503)");
  assert.equal(activeFault("hosting", { kind: "status", status: 418, method: "GET", path: "/org", times: 3 }).name, "status 418");
  assert.equal(activeFault("hosting", { kind: "hang", method: "GET", path: "/org", times: 3 }).words, "the next 3 calls of looks (GET) to /org");
  assert.equal(activeFault("slack", { kind: "silent" }).words, "until cleared or connected anew");
});
