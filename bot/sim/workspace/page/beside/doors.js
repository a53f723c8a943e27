// Speaks with both stand-ins about what no person in Slack does: the platform's side (`/control/…`), calls and faults.

import { ask } from "../api.js";

/** `slack` is always there; `hosting` is null where no second world stands beside this one. */
export function createDoors(fetchAnswer, besideUrl) {
  return { slack: slackDoor(fetchAnswer), hosting: besideUrl ? hostingDoor(fetchAnswer, besideUrl) : null };
}

function slackDoor(fetchAnswer) {
  return {
    calls: async (since) => (await ask(fetchAnswer, `/person/calls${since ? `?${new URLSearchParams({ since })}` : ""}`)).calls,
    faults: async () => (await ask(fetchAnswer, "/person/faults")).faults,
    cause: (body) => post(fetchAnswer, "/person/faults", body),
  };
}

function hostingDoor(fetchAnswer, besideUrl) {
  const control = `${besideUrl}/control`;
  const tell = (path, body) => post(fetchAnswer, `${control}${path}`, body);
  return {
    state: () => ask(fetchAnswer, `${control}/state`),
    requests: async (since) => (await ask(fetchAnswer, `${control}/requests?${new URLSearchParams({ since })}`)).requests,
    touchTask: (taskId, body) => tell(`/tasks/${encodeURIComponent(taskId)}`, body),
    startTask: (body) => tell("/tasks", body),
    planEnding: (body) => tell("/next", body),
    setPace: (body) => tell("/pace", body),
    cause: (body) => tell("/faults", body),
  };
}

function post(fetchAnswer, path, body) {
  return ask(fetchAnswer, path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}
