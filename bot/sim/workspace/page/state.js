// Holds what the page knows and tells the parts when it changes.

/** A snapshot that is replaced, never changed in place; listeners hear which keys are new. */
export function createState(initial) {
  let snapshot = Object.freeze({ ...initial });
  const listeners = new Set();
  return {
    get: () => snapshot,
    set(patch) {
      const changed = Object.keys(patch).filter((key) => snapshot[key] !== patch[key]);
      if (!changed.length) return;
      snapshot = Object.freeze({ ...snapshot, ...patch });
      for (const listener of listeners) listener(snapshot, new Set(changed));
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
