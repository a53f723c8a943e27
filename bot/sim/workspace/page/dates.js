// Times as the acting person reads them: in their zone, in 24 hours, in words where words are shorter. Pure.

const LOCALE = "en-GB";
const DAY_SECONDS = 86_400;

/** `1700000000.000100` → a Date. */
export function dateOfTs(ts) {
  return new Date(Number.parseFloat(ts) * 1000);
}

function parts(date, zone, options) {
  const found = new Intl.DateTimeFormat(LOCALE, { timeZone: zone, hourCycle: "h23", ...options }).formatToParts(date);
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

/** "14:32" */
export function clockTime(date, zone) {
  const { hour, minute } = parts(date, zone, { hour: "2-digit", minute: "2-digit" });
  return `${hour}:${minute}`;
}

/** "14:32:05" */
export function clockTimeWithSeconds(date, zone) {
  const { hour, minute, second } = parts(date, zone, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return `${hour}:${minute}:${second}`;
}

/** "2026-11-21": equal for two moments on the same day in this zone. */
export function dayKey(date, zone) {
  const { year, month, day } = parts(date, zone, { year: "numeric", month: "2-digit", day: "2-digit" });
  return `${year}-${month}-${day}`;
}

/** "Today", "Yesterday", "Tomorrow", or null for any other day. */
function nearDay(date, zone, now) {
  const distance = daysBetween(dayKey(now, zone), dayKey(date, zone));
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[distance] ?? null;
}

function daysBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / (DAY_SECONDS * 1000));
}

/** The heading over a day's messages: "Today", or "Monday 3 November". */
export function dayLabel(date, zone, now) {
  const near = nearDay(date, zone, now);
  if (near) return near;
  const { weekday, day, month, year } = longParts(date, zone);
  const sameYear = year === longParts(now, zone).year;
  return `${weekday} ${day} ${month}${sameYear ? "" : ` ${year}`}`;
}

function longParts(date, zone) {
  return parts(date, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
}

/** The whole moment, for a tooltip: "Saturday 21 November 2026, 14:32:05 (Europe/Madrid)". */
export function fullMoment(date, zone) {
  const { weekday, day, month, year } = longParts(date, zone);
  return `${weekday} ${day} ${month} ${year}, ${clockTimeWithSeconds(date, zone)} (${zone})`;
}

/** Whose clock a time is read by: "Tokyo, UTC+9"; "UTC" where the zone is no place. `date` decides about summer time. */
export function zoneWords(zone, date) {
  const told = parts(date, zone, { hour: "numeric", timeZoneName: "shortOffset" }).timeZoneName; // "GMT-5", "GMT", "GMT+0"
  const offset = told.replace("GMT", "UTC").replace("-", "−").replace(/\+0$/, "");
  const isPlace = zone.includes("/") && !zone.startsWith("Etc/");
  return isPlace ? `${zone.split("/").at(-1).replaceAll("_", " ")}, ${offset}` : offset;
}

/** "14:32" today, "Yesterday 14:32", otherwise "3 Nov 14:32". */
export function shortMoment(date, zone, now) {
  const near = nearDay(date, zone, now);
  const time = clockTime(date, zone);
  if (near) return near === "Today" ? time : `${near} ${time}`;
  const { day, month } = parts(date, zone, { day: "numeric", month: "short" });
  return `${day} ${month} ${time}`;
}

/** "3 minutes ago", "in 2 hours". */
export function agoWords(date, now) {
  const seconds = Math.round((date - now) / 1000);
  const steps = [["day", DAY_SECONDS], ["hour", 3600], ["minute", 60], ["second", 1]];
  const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) ?? steps[3];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.trunc(seconds / size), unit);
}

/** "1st", "2nd", "11th". */
function ordinal(day) {
  const number = Number(day);
  const teens = number % 100 >= 11 && number % 100 <= 13;
  return `${number}${teens ? "th" : ["th", "st", "nd", "rd"][number % 10] ?? "th"}`;
}

function tokenWriters(date, zone, now) {
  const long = longParts(date, zone);
  const short = parts(date, zone, { day: "numeric", month: "short", year: "numeric" });
  const near = nearDay(date, zone, now)?.toLowerCase();
  const full = `${long.month} ${ordinal(long.day)}, ${long.year}`;
  const brief = `${short.month} ${short.day}, ${short.year}`;
  return {
    date_num: dayKey(date, zone),
    date_slash: dayKey(date, zone).replaceAll("-", "/"),
    date: full,
    date_short: brief,
    date_long: `${long.weekday}, ${full}`,
    date_pretty: near ?? full,
    date_short_pretty: near ?? brief,
    date_long_pretty: near ?? `${long.weekday}, ${full}`,
    day_divider_pretty: near ?? `${long.weekday}, ${full}`,
    time: clockTime(date, zone),
    time_secs: clockTimeWithSeconds(date, zone),
    ago: agoWords(date, now),
  };
}

/** Slack's `<!date^UNIX^format|fallback>`: the format with its tokens written out, or the fallback if it makes no sense. */
export function formatDateToken({ unix, format, fallback }, zone, now) {
  const date = new Date(Number(unix) * 1000);
  if (!/^\d+$/.test(String(unix)) || Number.isNaN(date.getTime())) return fallback ?? "";
  const words = tokenWriters(date, zone, now);
  let understood = true;
  const text = format.replace(/\{(\w+)\}/g, (token, name) => {
    understood &&= name in words;
    return words[name] ?? token;
  });
  return understood ? sentenceCase(text) : fallback ?? text;
}

function sentenceCase(text) {
  return text.replace(/^(today|yesterday|tomorrow)\b/, (word) => word[0].toUpperCase() + word.slice(1));
}
