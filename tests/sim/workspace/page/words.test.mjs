import assert from "node:assert/strict";
import { test } from "node:test";
import { PACES, isOver, paceWords, placeState, spanWords, taskDetail, taskState } from "../../../../bot/sim/workspace/page/beside/words.js";

const task = (more) => ({ status: "running", steps_completed: 5, total_steps: 12, current_step: "Run migrations", duration_seconds: null, ...more });

test("every state is a sign and the platform's own word", () => {
  const told = ["pending", "queued", "running", "completed", "failed", "cancelled", "half_done"].map((status) => Object.values(taskState({ status })).slice(0, 2).join(" "));
  assert.deepEqual(told, ["⏳ pending", "⏳ queued", "▶ running", "✓ completed", "✕ failed", "◼ cancelled", "⚠ half done"]);
  assert.deepEqual(placeState({ status: "error" }), { sign: "✕", word: "error", isBad: true });
  assert.equal(placeState({ status: "on_fire" }).sign, "⚠");
});

test("a task tells where it is, or how it ended", () => {
  assert.equal(taskDetail(task()), "step 6 of 12, Run migrations");
  assert.equal(taskDetail(task({ steps_completed: 12 })), "step 12 of 12, Run migrations");
  assert.equal(taskDetail(task({ total_steps: 0, current_step: null })), "");
  assert.equal(taskDetail(task({ status: "queued" })), "waits for its turn");
  assert.equal(taskDetail(task({ status: "completed", duration_seconds: 250 })), "took 4 min 10 s");
  assert.equal(taskDetail(task({ status: "failed", duration_seconds: 60 })), "5 of 12 steps done · took 1 min");
  assert.equal(taskDetail(task({ status: "cancelled" })), "never started");
});

test("an unknown state is not over", () => {
  assert.deepEqual(["completed", "failed", "cancelled", "running", "half_done"].map((status) => isOver({ status })), [true, true, true, false, false]);
});

test("spans are said as a person would", () => {
  assert.deepEqual([0, 59.4, 60, 61, 3600, 3905].map(spanWords), ["0 s", "59 s", "1 min", "1 min 1 s", "1 h", "1 h 5 min"]);
});

test("each pace has words of its own", () => {
  assert.equal(new Set(PACES.map(paceWords)).size, PACES.length);
  assert.equal(paceWords({ mode: "time", speed: 2.5 }), "2.5 times as fast as in life");
});
