import assert from "node:assert/strict";
import { test } from "node:test";
import {
  filterLines, linesOf, mergeCalls, mergeRequests, requestsSince, roomOf, shortPath,
} from "../../../../bot/sim/workspace/page/beside/callwords.js";

const request = (number, more = {}) => ({
  number, at: `2026-03-02T09:30:${String(number).padStart(2, "0")}.000000Z`, method: "GET", path: "/api/public/v1/org", status: 200, idempotency_key: null, ...more,
});
const call = (at, more = {}) => ({ at: `2026-03-02T09:30:${at}+00:00`, method: "chat.update", args: {}, ok: true, error: null, status: 200, ...more });
const everything = { words: "", world: "", failuresOnly: false };

test("a call heard of again replaces what was known of it", () => {
  const merged = mergeRequests([request(1), request(2, { status: null })], [request(2, { status: 503 }), request(3)]);
  assert.deepEqual(merged.map(({ number, status }) => [number, status]), [[1, 200], [2, 503], [3, 200]]);
});

test("only the last few hundred calls are kept, and the last few are asked for again", () => {
  const many = Array.from({ length: 400 }, (_, index) => request(index + 1, { at: "2026-03-02T09:30:00Z" }));
  const kept = mergeRequests([], many);
  assert.deepEqual([kept.length, kept[0].number, requestsSince(kept), requestsSince([])], [300, 101, 360, 0]);
});

test("calls of the last known moment are not counted twice", () => {
  const known = [call("01"), call("02")];
  const merged = mergeCalls(known, [call("02"), call("02", { method: "views.open" }), call("03")], known.at(-1).at);
  assert.deepEqual(merged.map(({ method }) => method), ["chat.update", "chat.update", "views.open", "chat.update"]);
});

test("calls of both services stand in one list, newest first, each with a key of its own", () => {
  const lines = linesOf([request(1), request(5)], [call("03"), call("03")]);
  assert.deepEqual(lines.map(({ world }) => world), ["oec.sh", "Slack", "Slack", "oec.sh"]);
  assert.equal(new Set(lines.map(({ key }) => key)).size, 4);
});

test("every failure has a sign and a word", () => {
  const outcome = (status) => linesOf([request(1, { status })], [])[0];
  const told = [202, 429, 500, 418, null].map((status) => [outcome(status).sign, outcome(status).outcome, outcome(status).isFailure]);
  assert.deepEqual(told, [
    ["✓", "202", false], ["✕", "429 too many calls", true], ["✕", "500 broken", true], ["✕", "418 refused", true], ["⚠", "no answer", true],
  ]);
  const slack = (more) => linesOf([], [call("01", more)])[0];
  assert.deepEqual([slack({ ok: false, error: "not_in_channel" }).outcome, slack({ status: null }).sign, slack({}).outcome], ["not_in_channel", "⚠", "ok"]);
});

test("paths lose their base and the length of their ids", () => {
  const id = "0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f";
  assert.equal(shortPath(`/api/public/v1/environments/${id}/deploy`), "/environments/0f1c1f6e…/deploy");
  assert.equal(shortPath("/api/public/v10/org"), "/api/public/v10/org");
});

test("a filter finds words in any order, in the whole key and path, of one service, or failures only", () => {
  const lines = linesOf([request(1, { idempotency_key: "run-42-of-the-bot" }), request(2, { status: 404 })], [call("03")]);
  const found = (wish) => filterLines(lines, { ...everything, ...wish }).map(({ key }) => key.split("/")[0]);
  assert.deepEqual(found({ words: "OF-the run" }), ["oec"]);
  assert.deepEqual(found({ words: "org not found" }), ["oec"]);
  assert.deepEqual(found({ world: "Slack" }), ["slack"]);
  assert.deepEqual(found({ failuresOnly: true }), ["oec"]);
  assert.deepEqual(found({}).length, 3);
});

test("keys show what they may still do; a project's key only once it is used", () => {
  const key = (kind, scope, remaining, more = {}) => ({ kind, scope, revoked: false, left: { reads: { limit: 120, remaining }, writes: null }, ...more });
  const rooms = roomOf([
    key("read_only", "organization", 120), key("full", "project", 120), key("full", "project", 119), key("full", "organization", 3, { revoked: true }),
  ]);
  assert.deepEqual(rooms.map(({ name, room }) => [name, room.length, room[0].remaining]), [["Read-only key", 1, 120], ["Full key of one project", 1, 119]]);
});
