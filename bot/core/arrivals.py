"""What arrives over HTTP: taken with an answer, refused with a status, or known from a moment ago."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Answer:
    """What a delivery that was taken is answered with."""

    status: int = 200
    body: str = ""
    media_type: str = "text/plain"


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that was not taken. Who sent it learns the status; `why` and `note` are for the operators.

    `why` is one of a few sentences' ends, so that it can be counted; `note` may tell what was special about this one.
    """

    status: int
    why: str
    note: str = ""


class SeenLately:
    """Remembers for a while what was seen, and never more than so many things: the oldest go first."""

    def __init__(self, *, span: timedelta, most: int) -> None:
        self._span = span
        self._most = most
        self._seen: OrderedDict[str, datetime] = OrderedDict()

    def is_new(self, key: str, now: datetime) -> bool:
        """Whether this was not seen lately; from now on it was."""
        self._forget_old(now)
        if key in self._seen:
            return False
        self._seen[key] = now
        if len(self._seen) > self._most:
            self._seen.popitem(last=False)
        return True

    def forget(self, key: str) -> None:
        """Take it for unseen after all."""
        self._seen.pop(key, None)

    def __len__(self) -> int:
        """How much is remembered."""
        return len(self._seen)

    def _forget_old(self, now: datetime) -> None:
        while self._seen and now - next(iter(self._seen.values())) > self._span:
            self._seen.popitem(last=False)
