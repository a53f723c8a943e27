// Listens to the sandbox's news (server-sent events) for one person and says when the line is lost and back.

const RETRY_MILLISECONDS = 1500;

/** `onNews` hears each piece of news; `onLine(true)` is said at every (re)connection, `onLine(false)` at every loss. */
export function createStream({ onNews, onLine }) {
  let source = null;
  let retry = null;
  let personId = null;

  function open() {
    close();
    const opened = new EventSource(`/person/stream?${new URLSearchParams({ as: personId })}`);
    opened.addEventListener("open", () => onLine(true));
    opened.addEventListener("message", (event) => onNews(JSON.parse(event.data)));
    opened.addEventListener("error", () => {
      if (source !== opened) return;
      onLine(false);
      close();
      retry = setTimeout(open, RETRY_MILLISECONDS);
    });
    source = opened;
  }

  function close() {
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  return {
    /** Listen as this person from now on. */
    follow(nextPersonId) {
      if (nextPersonId === personId) return;
      personId = nextPersonId;
      open();
    },
    close,
  };
}
