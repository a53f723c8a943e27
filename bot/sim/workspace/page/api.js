// Speaks with the sandbox's side door (`/person/…`) and turns its refusals into words for people.

/** What the side door refused (`status` 4xx) or that it could not be reached (`status` 0). */
export class SideDoorError extends Error {
  constructor(words, status) {
    super(words);
    this.name = "SideDoorError";
    this.status = status;
  }
}

/** The calls the page makes; each resolves to the answer's JSON or rejects with a SideDoorError. */
export function createApi(fetchAnswer) {
  const get = (path, query = {}) => ask(fetchAnswer, `${path}${queryString(query)}`);
  const post = (path, body) =>
    ask(fetchAnswer, path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  return {
    workspace: () => get("/person/workspace"),
    messages: (personId, channelId, threadTs) =>
      get("/person/messages", { channel_id: channelId, as: personId, thread_ts: threadTs }),
    views: (personId) => get("/person/views", { user_id: personId }),
    slash: (body) => post("/person/slash", body),
    say: (body) => post("/person/say", body),
    press: (body) => post("/person/press", body),
    submit: (body) => post("/person/submit", body),
    close: (body) => post("/person/close", body),
    shortcut: (body) => post("/person/shortcut", body),
    home: (body) => post("/person/home", body),
  };
}

function queryString(query) {
  const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined);
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** One call of a side door: the answer's JSON, or a SideDoorError. */
export async function ask(fetchAnswer, path, options = {}) {
  let response;
  try {
    response = await fetchAnswer(path, { cache: "no-store", ...options });
  } catch {
    throw new SideDoorError("The sandbox is not answering. Nothing was sent.", 0);
  }
  const answer = await readJson(response);
  if (response.ok) return answer;
  throw new SideDoorError(answer.error || `The sandbox answered with status ${response.status}.`, response.status);
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return {};
  }
}
