"""When what the bot knew came on the screen, from the records of both stand-ins and the bot's database. Pure.

Known is the moment of the look that first had it to tell: the simulator's record of the first look at a task that had
ended, and for a step the moment that the bot wrote down. Shown is the moment at which the pretend Slack took the edit or
the post that says so.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.views import signs
from tests.support.reading import JsonObject

EDIT, POST = "chat.update", "chat.postMessage"
CARD, PROGRESS, END = "card", "progress", "end"
_ENDED = (signs.DONE, signs.FAILED, signs.STOPPED)
_STEP = re.compile(r"step (\d+) of \d+")

MessageKey = tuple[int, str]
"""A run's number, and which of its messages."""


@dataclass(frozen=True, slots=True)
class Shot:
    """One edit or post that the pretend Slack took: of which message, when, and what it says in one line."""

    run: int
    kind: str
    at: datetime
    text: str
    is_edit: bool

    @property
    def is_of_end(self) -> bool:
        """Whether it says that the run is over."""
        return self.text.startswith(_ENDED)

    @property
    def step(self) -> int:
        """The step that it tells of; of an ended run, one beyond all."""
        told = _STEP.search(self.text)
        return 10_000 if self.is_of_end else int(told[1]) if told else 0


@dataclass(frozen=True, slots=True)
class Course:
    """A run as the bot and the platform have it: its task, when that ended, and when the bot first saw each step."""

    run: int
    task_id: str
    ended_at: datetime
    steps: tuple[tuple[int, datetime], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at a task that was answered."""

    task_id: str
    at: datetime


def read_shots(calls: Iterable[JsonObject], places: Mapping[tuple[str, str], MessageKey]) -> list[Shot]:
    """The calls that brought something on the screen, in their order. `places` says whose message stands where."""
    shots = []
    for call in calls:
        key = _key_of(call, places) if call["ok"] else None
        if key is not None:
            at = datetime.fromisoformat(call["at"])
            shots.append(Shot(*key, at, str(call["args"].get("text", "")), call["method"] == EDIT))
    return shots


def _key_of(call: JsonObject, places: Mapping[tuple[str, str], MessageKey]) -> MessageKey | None:
    args = call["args"]
    if call["method"] == EDIT:
        return places.get((str(args.get("channel")), str(args.get("ts"))))
    mark = (args.get("metadata") or {}).get("event_payload") or {}
    return (int(mark["run"]), str(mark["slot"])) if call["method"] == POST and "run" in mark else None


def count_refused(calls: Iterable[JsonObject]) -> Counter[str]:
    """How many calls of each method were answered with 429."""
    return Counter(str(call["method"]) for call in calls if call["status"] == 429)


def find_end_known(course: Course, looks: Iterable[Look]) -> datetime | None:
    """When the first look had the end to tell."""
    return min(
        (look.at for look in looks if look.task_id == course.task_id and look.at >= course.ended_at),
        default=None,
    )


def find_end_shown(course: Course, kind: str, shots: Iterable[Shot]) -> datetime | None:
    """When a message of the run first said that it is over."""
    return min(
        (shot.at for shot in shots if (shot.run, shot.kind) == (course.run, kind) and shot.is_of_end),
        default=None,
    )


def find_step_delays(course: Course, shots: Sequence[Shot]) -> list[float]:
    """Seconds from each step's being known until the progress message told of it, or of a later one."""
    told = [shot for shot in shots if (shot.run, shot.kind) == (course.run, PROGRESS)]
    delays = []
    for number, seen_at in course.steps:
        shown_at = min((shot.at for shot in told if shot.step >= number), default=None)
        if shown_at is not None:
            delays.append(max((shown_at - seen_at).total_seconds(), 0.0))
    return delays


def seconds_between(pairs: Iterable[tuple[datetime | None, datetime | None]]) -> list[float]:
    """The time from the first to the second, where both are known; never less than nothing."""
    return [max((then - first).total_seconds(), 0.0) for first, then in pairs if first and then]
