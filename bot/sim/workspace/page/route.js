// The address: which person, which place, which thread. Pure, so that a reload or a shared link means the same.

export const HOME = "home";

/** `#/U0ANA/C0DEPLOYS/1700000000.000100` → where that is; missing parts are null. */
export function parseRoute(hash) {
  const [personId, place, threadTs] = hash
    .replace(/^#\/?/, "")
    .split("/")
    .map((part) => decodePart(part) || null);
  return { personId: personId ?? null, place: place ?? null, threadTs: threadTs ?? null };
}

function decodePart(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return "";
  }
}

export function formatRoute({ personId, place, threadTs }) {
  return `#/${[personId, place, threadTs].filter(Boolean).map(encodeURIComponent).join("/")}`;
}

/** The place of a message by its link, where that leads to this very page; null for every other address. */
export function placeOfPermalink(url, origin) {
  if (!URL.canParse(url)) return null;
  const { origin: there, pathname, searchParams } = new URL(url);
  const [, place, seconds, rest] = pathname.match(/^\/archives\/(\w+)\/p(\d+)(\d{6})$/) ?? [];
  return there === origin && place ? { place, threadTs: searchParams.get("thread_ts") ?? `${seconds}.${rest}` } : null;
}

/** The nearest place that exists and that this person may see. */
export function settleRoute(route, workspace) {
  const person = workspace.people.find((user) => user.id === route.personId) ?? workspace.people[0];
  const places = channelsOf(workspace, person.id).map((channel) => channel.id);
  const known = route.place === HOME || places.includes(route.place);
  const place = known ? route.place : places[0] ?? HOME;
  return { personId: person.id, place, threadTs: known && place !== HOME ? route.threadTs : null };
}

/** The channels this person is in, direct messages last. */
export function channelsOf(workspace, personId) {
  const mine = workspace.channels.filter((channel) => channel.members.includes(personId));
  return [...mine.filter((channel) => !isDirect(channel)), ...mine.filter(isDirect)];
}

export function isDirect(channel) {
  return channel.id.startsWith("D");
}
