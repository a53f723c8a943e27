"""When a task is likely to end, from what its looks have shown and what earlier runs of its kind were like.

Looks leave spans, not moments: a step has ended between the last look that missed it and the first one that showed it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import exp

from bot.core.curves import Curve, Span, draw
from bot.core.habits import Habits
from bot.core.runs import Run
from bot.core.tasks import TaskReport, TaskStatus
from bot.core.voices import (
    NOTHING_SEEN,
    TRUSTING,
    UNTAUGHT,
    Belief,
    Sighting,
    learn,
    pace,
    recall,
    shrug,
    weigh,
)

_SECOND = timedelta(seconds=1)
_UNNOTED = 4.0
"""Seconds before it was first seen at which something was missed, where nobody noted it."""

_BRIEF = 20.0
"""Seconds: of a task of which nothing is known the end is not expected sooner than this, as a rule."""

_HALVINGS = 16
"""A moment is found to so many bits of the span in which it must lie."""

_AT_ONCE = 0.02
"""What is seen to be done within this part of a usual run was done at once: it tells nothing of how long the rest takes."""

_HEEDED = 0.2
"""How far history must be believed for the next step to be expected by it."""


@dataclass(frozen=True, slots=True)
class Track:
    """What looks have shown of a task: since when it is at work, of how many steps (0: unknown), done when."""

    began_at: datetime
    total: int = 0
    sightings: tuple[Sighting, ...] = ()


def read_track(run: Run, looked_at: datetime) -> Track:
    """The track of a run as of its newest look. While it is queued, it begins now."""
    report = run.report
    sent_at = run.submitted_at or run.asked_at
    if report is None:
        return Track(sent_at)
    if report.status in {TaskStatus.PENDING, TaskStatus.QUEUED}:
        return Track(looked_at, report.total_steps)
    began_at = _find_beginning(run, report, looked_at)
    if report.total_steps < 2:
        return Track(began_at, 100, _sight_percent(run, report, began_at))
    sightings = [
        _sight(step.number - 1, step.missed_at, step.seen_at, began_at)
        for step in run.steps
        if step.number > 1
    ]
    if run.reported_at is not None and report.steps_completed > (sightings[-1].done if sightings else 0):
        sightings.append(_sight(report.steps_completed, None, run.reported_at, began_at))
    return Track(
        began_at, report.total_steps, tuple(each for each in sightings if each.done < report.total_steps)
    )


def _find_beginning(run: Run, report: TaskReport, looked_at: datetime) -> datetime:
    """When the work began by our own clock, which the platform's need not agree with."""
    began_at = report.started_at or run.submitted_at or looked_at
    first_seen_at = run.steps[0].seen_at if run.steps else looked_at
    earliest = began_at if run.submitted_at is None else max(began_at, run.submitted_at)
    return min(earliest, first_seen_at)


def _sight(done: int, missed_at: datetime | None, seen_at: datetime, began_at: datetime) -> Sighting:
    seen = max((seen_at - began_at) / _SECOND, 0.1)
    missed = seen - _UNNOTED if missed_at is None else (missed_at - began_at) / _SECOND
    return Sighting(done, max(min(missed, seen - 0.1), 0.0), seen)


def _sight_percent(run: Run, report: TaskReport, began_at: datetime) -> tuple[Sighting, ...]:
    """A task without steps is as far as its percentage says."""
    if run.reported_at is None or not 0 < report.progress_percent < 100:
        return ()
    return (_sight(report.progress_percent, None, run.reported_at, began_at),)


@dataclass(frozen=True, slots=True)
class Forecast:
    """When a task will have ended, as of its newest look, in seconds since it began.

    `end` and, for the rest of the chance, `unknown` (an end at any time, `rate` a second) hold for a task that had not
    ended when it was `looked` at. `change` is between when its next step is expected.
    """

    began_at: datetime
    looked: float
    end: Curve
    unknown: float
    rate: float
    change: tuple[float, float] | None
    believed: Belief
    heard: int
    habits: Habits

    def find_end(self, now: datetime) -> tuple[float, float]:
        """The chance that it has ended by now, and how many seconds ago it is expected to have."""
        moment = (now - self.began_at) / _SECOND
        chance, age = self.end.at(moment)
        since = max(moment - self.looked, 0.0)
        left = exp(-self.rate * since)
        return chance + self.unknown * (1 - left), age + self.unknown * (since - (1 - left) / self.rate)

    def find_moment(self, chance: float, now: datetime) -> datetime:
        """By when it will have ended with this chance, if it has not by now."""
        moment = (now - self.began_at) / _SECOND
        wanted = self._find_open(moment) * (1 - chance)
        early, late = moment, max(moment, self.looked) + 1.0
        while self._find_open(late) > wanted:
            early, late = late, late + (late - self.looked)
        for _ in range(_HALVINGS):
            middle = (early + late) / 2
            early, late = (early, middle) if self._find_open(middle) <= wanted else (middle, late)
        return self.began_at + late * _SECOND

    def find_unknown(self, now: datetime) -> float:
        """The part of `unknown` in what is still possible, if it has not ended by now: all, once all else is over."""
        moment = (now - self.began_at) / _SECOND
        still_open = self._find_open(moment)
        return self._find_unknown(moment) / still_open if still_open > 0 else 1.0

    def _find_open(self, moment: float) -> float:
        """The chance that it goes on after this; told apart from nothing long after the chance of an end is all but one."""
        return max(self.end.whole - self.end.at(moment)[0], 0.0) + self._find_unknown(moment)

    def _find_unknown(self, moment: float) -> float:
        return self.unknown * exp(-self.rate * max(moment - self.looked, 0.0))

    def find_change_age(self, now: datetime) -> float:
        """How many seconds ago its next step is expected to have begun."""
        if self.change is None:
            return 0.0
        begin, end = self.change
        moment = (now - self.began_at) / _SECOND
        if moment <= begin:
            return 0.0
        if moment < end:
            return (moment - begin) ** 2 / (2 * (end - begin))
        return moment - (begin + end) / 2


def forecast(track: Track, habits: Habits, looked_at: datetime, before: Forecast | None = None) -> Forecast:
    """When this task will have ended. `before` is the forecast of an earlier look: what it learned is not learned anew."""
    if before is not None and before.habits is habits and before.heard <= len(track.sightings):
        believed, heard = before.believed, before.heard
    else:
        believed, heard = (TRUSTING if habits.courses else UNTAUGHT), 0
    for number in range(heard, len(track.sightings)):
        earlier = track.sightings[number - 1] if number else NOTHING_SEEN
        believed = learn(habits, track.total, believed, earlier, track.sightings[number])
    looked = max((looked_at - track.began_at) / _SECOND, 0.0)
    return _foresee(track, habits, looked, believed)


def _foresee(track: Track, habits: Habits, looked: float, believed: Belief) -> Forecast:
    last = track.sightings[-1] if track.sightings else NOTHING_SEEN
    if last.seen < habits.typical * _AT_ONCE:
        last = NOTHING_SEEN
    words = recall(habits, track.total, last, looked), pace(track.total, last, looked)
    now = weigh(believed, (words[0].kept, words[1].kept, shrug(last, looked)))
    spans: list[Span] = []
    for word, part in zip(words, now, strict=False):
        if word.whole > 0:
            scale = part / word.whole
            spans += [(begin, end, weight * scale) for begin, end, weight in word.spans]
    end = draw(spans)
    return Forecast(
        began_at=track.began_at,
        looked=looked,
        end=end,
        unknown=max(1 - end.whole, 0.0),
        rate=1 / max(_BRIEF, looked / 2, habits.typical / 2),
        change=words[0].change if now[0] > _HEEDED else None,
        believed=believed,
        heard=len(track.sightings),
        habits=habits,
    )
