// The calls the bot made to both services as one list, newest first, with what became of each. Pure.

const KEPT = 300;
const SHOWN = 100;
const LOOK_BACK = 40; // calls not answered yet may still be: the last few are asked for again
const SHORT = 8;

/** The calls to oec.sh with those just heard of; the newer telling of the same call wins. */
export function mergeRequests(known, heard) {
  const byNumber = new Map([...known, ...heard].map((one) => [one.number, one]));
  return [...byNumber.values()].sort((a, b) => a.number - b.number).slice(-KEPT);
}

/** From which number on to ask. */
export function requestsSince(known) {
  return Math.max(0, (known.at(-1)?.number ?? 0) - LOOK_BACK);
}

/** The calls to Slack with all those since the last known moment, itself included. */
export function mergeCalls(known, heard, since) {
  return [...known.filter((one) => one.at < since), ...heard].slice(-KEPT);
}

/** One line each: {key, world, at, what, sign, outcome, isFailure, note, whole}. */
export function linesOf(requests, calls) {
  const lines = [...requests.map(requestLine), ...countedByMoment(calls).map(callLine)];
  return lines.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || (b.order - a.order));
}

function requestLine(one) {
  const outcome = requestOutcome(one.status);
  return {
    key: `oec/${one.number}`, order: one.number, world: "oec.sh", at: one.at,
    what: `${one.method} ${shortPath(one.path)}`,
    note: one.idempotency_key ? `key ${shorten(one.idempotency_key)}` : "",
    whole: one,
    ...outcome,
  };
}

function requestOutcome(status) {
  if (status === null) return { sign: "⚠", outcome: "no answer", isFailure: true };
  if (status < 400) return { sign: "✓", outcome: String(status), isFailure: false };
  const words = { 401: "not let in", 403: "not allowed", 404: "not found", 409: "conflict", 422: "not understood", 429: "too many calls" };
  return { sign: "✕", outcome: `${status} ${words[status] ?? (status >= 500 ? "broken" : "refused")}`, isFailure: true };
}

function countedByMoment(calls) {
  const seen = new Map();
  return calls.map((one, order) => {
    const place = seen.get(one.at) ?? 0;
    seen.set(one.at, place + 1);
    return { one, key: `slack/${one.at}/${place}`, order };
  });
}

function callLine({ one, key, order }) {
  return { key, order, world: "Slack", at: one.at, what: one.method, note: one.args?.channel ?? "", whole: one, ...callOutcome(one) };
}

function callOutcome({ ok, error, status }) {
  if (status === null) return { sign: "⚠", outcome: "answer lost", isFailure: true };
  return ok ? { sign: "✓", outcome: "ok", isFailure: false } : { sign: "✕", outcome: String(error ?? status), isFailure: true };
}

/** "5a296461…" for what is longer than a word. */
export function shorten(text) {
  return text.length > SHORT + 1 ? `${text.slice(0, SHORT)}…` : text;
}

/** A path without its base, its ids shortened. */
export function shortPath(path) {
  return path.replace(/^\/api\/public\/v1(?=\/)/, "").split("/").map((part) => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(part) ? shorten(part) : part)).join("/");
}

/** The lines that hold all words typed, of this world (or ""), failures only if wished. */
export function filterLines(lines, { words, world, failuresOnly }) {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (line) => {
    const text = `${line.what} ${line.outcome} ${line.note} ${line.whole.path ?? ""} ${line.whole.idempotency_key ?? ""}`.toLowerCase();
    return (!world || line.world === world) && (!failuresOnly || line.isFailure) && wanted.every((word) => text.includes(word));
  };
  return lines.filter(fits).slice(0, SHOWN);
}

/** What each key of the bot may still do in this minute: [{name, room: [{words, remaining, limit}]}]. */
export function roomOf(keys) {
  const used = ({ left }) => Object.values(left).some((one) => one && one.remaining < one.limit);
  return keys
    .filter((key) => !key.revoked && (key.scope === "organization" || used(key)))
    .map((key) => ({
      name: `${key.kind === "read_only" ? "Read-only key" : "Full key"}${key.scope === "project" ? " of one project" : ""}`,
      room: Object.entries(key.left).filter(([, one]) => one).map(([words, one]) => ({ words, ...one })),
    }));
}
