// What the platform says, in words for people: a sign and a word for every state, spans as a person would say them. Pure.

const TASK_SIGNS = { pending: "⏳", queued: "⏳", running: "▶", completed: "✓", failed: "✕", cancelled: "◼" };
const PLACE_SIGNS = {
  running: "▶", stopped: "◼", paused: "◼", error: "✕", pending: "⏳", deploying: "⏳", cloning: "⏳", destroying: "⏳", deleted: "◼",
};
const OVER = new Set(["completed", "failed", "cancelled"]);

/** Whether a task has reached a state that never changes again. */
export function isOver(task) {
  return OVER.has(task.status);
}

/** "▶ running": the platform's own word; one that is not known needs a look. */
export function taskState({ status }) {
  return { sign: TASK_SIGNS[status] ?? "⚠", word: spaced(status), isBad: status === "failed" };
}

export function placeState({ status }) {
  return { sign: PLACE_SIGNS[status] ?? "⚠", word: spaced(status), isBad: status === "error" };
}

/** "quick update" */
export function spaced(word) {
  return String(word).replaceAll("_", " ");
}

/** "step 5 of 12, Build image": where a task is, or how it ended. */
export function taskDetail(task) {
  if (task.status === "failed") return [stepOf(task), tookWords(task)].filter(Boolean).join(" · ");
  if (isOver(task)) return tookWords(task) || "never started";
  const { current_step: step, status } = task;
  if (status !== "running") return "waits for its turn";
  return step ? `${stepOf(task)}, ${step}` : stepOf(task);
}

function stepOf({ steps_completed: done, total_steps: total, status }) {
  if (!total) return "";
  return status === "failed" ? `${done} of ${total} steps done` : `step ${Math.min(done + 1, total)} of ${total}`;
}

function tookWords({ duration_seconds: seconds }) {
  return seconds === null || seconds === undefined ? "" : `took ${spanWords(seconds)}`;
}

/** "12 s", "3 min 40 s", "1 h 5 min" */
export function spanWords(seconds) {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [big, small, units] = whole < 3600 ? [Math.floor(whole / 60), whole % 60, ["min", "s"]] : [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), ["h", "min"]];
  return small ? `${big} ${units[0]} ${small} ${units[1]}` : `${big} ${units[0]}`;
}

/** How tasks move, as words, and as a value of the choice. */
export function paceWords(pace) {
  if (pace.mode === "manual") return "Only by hand";
  if (pace.mode === "reads") return `With every look, done after ${pace.reads}`;
  return pace.speed === 1 ? "As slowly as in life" : `${pace.speed} times as fast as in life`;
}

export const PACES = [
  { mode: "time", speed: 1 },
  { mode: "time", speed: 4 },
  { mode: "time", speed: 20 },
  { mode: "reads", reads: 5 },
  { mode: "manual" },
];
