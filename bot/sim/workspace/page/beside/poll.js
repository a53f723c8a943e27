// Looks again and again, one look after the other, only while somebody is there to see what comes of it.

const PAUSE_MILLISECONDS = 1000;

/** `look()` is awaited; `isWanted()` says whether anybody watches. `now()` looks at once, or as soon as the look under way is over. */
export function createPoll({ look, isWanted }) {
  let running = null;
  let isAskedAgain = false;
  let timer = null;

  async function turn() {
    clearTimeout(timer);
    if (!isWanted()) return;
    do {
      isAskedAgain = false;
      await look();
    } while (isAskedAgain);
    timer = setTimeout(now, PAUSE_MILLISECONDS);
  }

  function now() {
    if (running) isAskedAgain = true;
    else running = turn().finally(() => { running = null; });
    return running;
  }

  document.addEventListener("visibilitychange", () => document.hidden || now());
  return { now };
}
