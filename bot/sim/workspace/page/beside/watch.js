// Gathers what the panel shows from both side doors; what one of them does not answer stays as it was last known.

import { mergeCalls, mergeRequests, requestsSince } from "./callwords.js";

/** `look()` asks both worlds once and resolves to {state, requests, calls, faults, isLost: {slack, hosting}}. */
export function createWatch({ slack, hosting }) {
  let known = { state: null, requests: [], calls: [], faults: [], isLost: { slack: false, hosting: false } };

  async function look() {
    const [ours, theirs] = await Promise.all([lookAtSlack(known, slack), hosting ? lookAtHosting(known, hosting) : {}]);
    const isLost = { slack: ours === null, hosting: theirs === null };
    // A stand-in that was away may be a new one that counts from the beginning.
    known = { ...known, ...(ours ?? { calls: [] }), ...(theirs ?? { requests: [] }), isLost };
    return known;
  }

  return { look };
}

async function lookAtSlack({ calls }, door) {
  const since = calls.at(-1)?.at ?? "";
  return orNull(async () => {
    const [heard, faults] = await Promise.all([door.calls(since), door.faults()]);
    return { calls: mergeCalls(calls, heard, since), faults };
  });
}

async function lookAtHosting({ requests }, door) {
  return orNull(async () => {
    const [state, heard] = await Promise.all([door.state(), door.requests(requestsSince(requests))]);
    return { state, requests: mergeRequests(requests, heard) };
  });
}

/** The answer, or null where the side door did not give one. */
async function orNull(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error.name !== "SideDoorError") throw error;
    return null;
  }
}
