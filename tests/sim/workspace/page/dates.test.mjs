import assert from "node:assert/strict";
import { test } from "node:test";
import {
  agoWords, clockTime, dateOfTs, dayKey, dayLabel, formatDateToken, fullMoment, shortMoment, zoneWords,
} from "../../../../bot/sim/workspace/page/dates.js";

const MADRID = "Europe/Madrid";
const at = (iso) => new Date(iso);
const now = at("2026-11-21T12:00:00Z");
const token = (format, iso = "2026-11-21T11:32:05Z", fallback = "then") =>
  formatDateToken({ unix: String(at(iso) / 1000), format, fallback }, MADRID, now);

test("a message's ts is a moment", () => {
  assert.equal(dateOfTs("1700000000.000100").toISOString(), "2023-11-14T22:13:20.000Z");
});

test("the clock is the reader's, in 24 hours", () => {
  assert.equal(clockTime(at("2026-11-21T23:05:00Z"), MADRID), "00:05");
  assert.equal(clockTime(at("2026-11-21T23:05:00Z"), "Asia/Kolkata"), "04:35");
  assert.equal(clockTime(at("2026-11-21T23:05:00Z"), "America/New_York"), "18:05");
});

test("a zone is its city and how far it is from UTC on that day", () => {
  assert.equal(zoneWords(MADRID, now), "Madrid, UTC+1");
  assert.equal(zoneWords(MADRID, at("2026-07-01T12:00:00Z")), "Madrid, UTC+2");
  assert.equal(zoneWords("America/New_York", now), "New York, UTC−5");
  assert.equal(zoneWords("Asia/Kolkata", now), "Kolkata, UTC+5:30");
  assert.equal(zoneWords("America/Argentina/Buenos_Aires", now), "Buenos Aires, UTC−3");
  assert.equal(zoneWords("Europe/London", now), "London, UTC");
  assert.deepEqual(["UTC", "Etc/UTC", "Etc/GMT+5"].map((zone) => zoneWords(zone, now)), ["UTC", "UTC", "UTC−5"]);
});

test("a day begins at the reader's midnight", () => {
  assert.equal(dayKey(at("2026-11-21T23:30:00Z"), MADRID), "2026-11-22");
  assert.equal(dayKey(at("2026-11-21T23:30:00Z"), "America/New_York"), "2026-11-21");
});

test("near days have names", () => {
  assert.equal(dayLabel(now, MADRID, now), "Today");
  assert.equal(dayLabel(at("2026-11-20T12:00:00Z"), MADRID, now), "Yesterday");
  assert.equal(dayLabel(at("2026-11-16T12:00:00Z"), MADRID, now), "Monday 16 November");
  assert.equal(dayLabel(at("2025-11-16T12:00:00Z"), MADRID, now), "Sunday 16 November 2025");
});

test("yesterday stays yesterday on the day the clocks change", () => {
  assert.equal(dayLabel(at("2026-10-24T22:30:00Z"), MADRID, at("2026-10-26T00:30:00Z")), "Yesterday");
});

test("short and full moments", () => {
  assert.equal(shortMoment(at("2026-11-21T11:32:00Z"), MADRID, now), "12:32");
  assert.equal(shortMoment(at("2026-11-20T11:32:00Z"), MADRID, now), "Yesterday 12:32");
  assert.equal(shortMoment(at("2026-11-03T11:32:00Z"), MADRID, now), "3 Nov 12:32");
  assert.equal(fullMoment(at("2026-11-21T11:32:05Z"), MADRID), "Saturday 21 November 2026, 12:32:05 (Europe/Madrid)");
});

for (const [format, words] of [
  ["{time}", "12:32"],
  ["{time_secs}", "12:32:05"],
  ["{date_num}", "2026-11-21"],
  ["{date_slash}", "2026/11/21"],
  ["{date}", "November 21st, 2026"],
  ["{date_short}", "Nov 21, 2026"],
  ["{date_long}", "Saturday, November 21st, 2026"],
  ["{date_pretty} at {time}", "Today at 12:32"],
  ["until {date_short_pretty} {time}", "until today 12:32"],
  ["{ago}", "27 minutes ago"],
]) {
  test(`the token ${format} reads ${words}`, () => assert.equal(token(format), words));
}

test("ordinals", () => {
  const days = ["01", "02", "03", "11", "12", "13", "22", "23"].map((day) => token("{date}", `2026-12-${day}T12:00:00Z`).split(" ")[1]);
  assert.deepEqual(days, ["1st,", "2nd,", "3rd,", "11th,", "12th,", "13th,", "22nd,", "23rd,"]);
});

test("ago looks both ways", () => {
  assert.equal(agoWords(at("2026-11-21T14:30:00Z"), now), "in 2 hours");
  assert.equal(agoWords(at("2026-11-20T11:00:00Z"), now), "yesterday");
});

test("what makes no sense falls back", () => {
  assert.equal(token("{nonsense}"), "then");
  assert.equal(formatDateToken({ unix: "soon", format: "{time}", fallback: "then" }, MADRID, now), "then");
  assert.equal(formatDateToken({ unix: "99999999999999999", format: "{time}", fallback: "then" }, MADRID, now), "then");
});
