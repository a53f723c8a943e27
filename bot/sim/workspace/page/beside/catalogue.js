// The faults one can cause, each with a sentence that says what it does. Pure.

const DISCONNECT = "disconnect";

/** `now` faults happen at once; the others strike the next calls of a kind. `body` is what the side door is sent. */
export const FAULTS = [
  {
    id: "slack-ratelimit", world: "slack", name: "Too many calls", body: { kind: "ratelimit", retry_after: 5 },
    words: "Slack refuses with 429 and asks to wait 5 seconds.",
  },
  { id: "slack-error", world: "slack", name: "Internal error", body: { kind: "error", error: "internal_error" }, words: "Slack says internal_error and does nothing." },
  { id: "slack-hang", world: "slack", name: "Slow answer", body: { kind: "hang", seconds: 10 }, words: "Slack lets the bot wait 10 seconds, then answers as ever." },
  {
    id: "slack-lost", world: "slack", name: "Lost answer", body: { kind: "drop_answer" },
    words: "Slack does what it is asked, then cuts the connection: the bot cannot know.",
  },
  { id: "slack-reset", world: "slack", now: true, name: "Cut the socket", body: { kind: "reset" }, words: "Every connection of the bot ends without a word." },
  {
    id: "slack-refresh", world: "slack", now: true, name: "Refresh the connection", body: { kind: DISCONNECT, reason: "refresh_requested" },
    words: "Slack asks the bot to connect anew, and closes the old connection 10 seconds later.",
  },
  {
    id: "slack-warning", world: "slack", now: true, name: "Warn of a close", body: { kind: DISCONNECT, reason: "warning" },
    words: "Slack says that the connection will close in about 10 seconds, and closes it.",
  },
  {
    id: "slack-disabled", world: "slack", now: true, name: "Turn the link off", body: { kind: DISCONNECT, reason: "link_disabled" },
    words: "Slack says that Socket Mode was switched off for the app, and closes.",
  },
  {
    id: "slack-many", world: "slack", now: true, name: "Too many sockets", body: { kind: DISCONNECT, reason: "too_many_websockets" },
    words: "Slack says that the app holds too many connections, and closes.",
  },
  {
    id: "slack-ticket", world: "slack", name: "Refused ticket", body: { kind: "refuse_ticket" }, anyCall: true,
    words: "The next time the bot connects, Slack does not let it in.",
  },
  {
    id: "slack-silent", world: "slack", now: true, name: "Silence", body: { kind: "silent" },
    words: "The connections that are open now stay open, and nothing comes through.",
  },
  { id: "slack-noise", world: "slack", now: true, name: "Noise", body: { kind: "noise" }, words: "Slack sends frames that mean nothing." },
  {
    id: "oec-429", world: "hosting", name: "Too many calls", body: { kind: "status", status: 429, headers: { "Retry-After": "5" } },
    words: "oec.sh refuses with 429 and asks to wait 5 seconds.",
  },
  { id: "oec-500", world: "hosting", name: "Broken (500)", body: { kind: "status", status: 500 }, words: "oec.sh fails inside and does nothing." },
  { id: "oec-503", world: "hosting", name: "Unavailable (503)", body: { kind: "status", status: 503 }, words: "oec.sh is not available for the moment and does nothing." },
  {
    id: "oec-before", world: "hosting", name: "Cut before", body: { kind: "drop_before" },
    words: "The connection breaks before oec.sh does anything.",
  },
  {
    id: "oec-after", world: "hosting", name: "Cut after", body: { kind: "drop_after" },
    words: "oec.sh does what it is asked, then the connection breaks: the bot cannot know.",
  },
  { id: "oec-hang", world: "hosting", name: "Slow answer", body: { kind: "hang", seconds: 10 }, words: "oec.sh lets the bot wait 10 seconds, then answers as ever." },
  {
    id: "oec-page", world: "hosting", name: "Not JSON", body: { kind: "not_json" },
    words: "oec.sh does what it is asked, but a web page comes back in place of the answer.",
  },
];

/** Which calls a fault may be aimed at: [value, words]. */
export const AIMS = {
  slack: [["*", "any call"], ["chat.postMessage", "chat.postMessage"], ["chat.update", "chat.update"], ["chat.postEphemeral", "chat.postEphemeral"], ["views.open", "views.open"]],
  hosting: [["*", "any call"], ["POST", "actions (POST)"], ["GET", "looks (GET)"]],
};

/** What to send so that a fault strikes `times` calls of the kind `aim`. */
export function wishFor(fault, { times, aim }) {
  if (fault.now) return fault.body;
  return fault.anyCall ? { ...fault.body, times } : { ...fault.body, times, method: aim };
}

/** What was caused, for the confirmation: a fault that waits for a call says so. */
export function causedWords(fault, { times, aim }) {
  const name = `${WORLDS[fault.world]}: ${fault.name.toLowerCase()}`;
  return fault.now ? `${name}, done.` : `${name}, waits for ${aimWords(fault.anyCall ? "connection" : "call", times, aim, fault.world)}.`;
}

export const WORLDS = { slack: "Slack", hosting: "oec.sh" };

function aimWords(noun, times, aim, world) {
  const known = AIMS[world].find(([value]) => value === aim)?.[1] ?? aim;
  const of = noun === "connection" || aim === "*" ? "" : ` of ${known}`;
  return times === 1 ? `the next ${noun}${of}` : `the next ${times} ${noun}s${of}`;
}

/** A fault that is still to come, as its world tells it: {key, name, words}. */
export function activeFault(world, told) {
  const name = nameOf(world, told);
  if (told.kind === "silent") return { world, name, words: "until cleared or connected anew" };
  const noun = told.kind === "refuse_ticket" ? "connection" : "call";
  const path = told.path && told.path !== "*" ? ` to ${told.path}` : "";
  return { world, name, words: aimWords(noun, told.times ?? 1, told.method ?? "*", world) + path };
}

function nameOf(world, told) {
  const fits = (fault) => fault.world === world && fault.body.kind === told.kind && (told.kind !== "status" || fault.body.status === told.status);
  return FAULTS.find(fits)?.name ?? [told.kind.replaceAll("_", " "), told.status].filter(Boolean).join(" ");
}
