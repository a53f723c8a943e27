"""What this process remembers of its tries to send runs: a restart may forget all of it, and is then more careful."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.names import RunId

SEND_AGAIN = timedelta(seconds=5)
"""How long after a failed submission it is tried again, with the same key."""

SEND_LATER = timedelta(seconds=30)
"""The same, once a minute of such tries has led to nothing."""

LONGEST_WAIT = timedelta(minutes=15)
"""No wait that the platform asks for is longer: the block of an address."""

LOOK_UP_AGAIN = timedelta(minutes=1)
"""How often it is looked up whether an ask without an answer was begun all the same."""

_TRIES_BEFORE_LATER = timedelta(minutes=1) // SEND_AGAIN


@dataclass(frozen=True, slots=True)
class _Failure:
    """The last failed try of a submission: when, which one it was, and how long the next one waits."""

    at: datetime
    tries: int
    wait: timedelta


class Tries:
    """The tries of every run that is being sent."""

    def __init__(self) -> None:
        self._failures: dict[RunId, _Failure] = {}
        self._looked_up_at: dict[RunId, datetime] = {}
        self._unheard_at: dict[RunId, datetime] = {}
        self._untouched: set[RunId] = set()
        self._made: set[RunId] = set()

    def begin(self, run_id: RunId) -> None:
        """Its key is about to be written down: no try that came before can have acted."""
        self._untouched.add(run_id)

    def note_made(self, run_id: RunId) -> None:
        """A try is about to leave."""
        self._made.add(run_id)

    def note_unheard(self, run_id: RunId, now: datetime) -> None:
        """A try may have acted, and its answer was lost."""
        self._untouched.discard(run_id)
        self._unheard_at[run_id] = now

    def note_failure(self, run_id: RunId, now: datetime, wait: timedelta | None = None) -> None:
        """The next try waits: as long as the platform asks for, else longer after a minute of failures."""
        failure = self._failures.get(run_id)
        tries = failure.tries + 1 if failure is not None else 1
        usual = SEND_AGAIN if tries < _TRIES_BEFORE_LATER else SEND_LATER
        self._failures[run_id] = _Failure(now, tries, max(usual, min(wait or usual, LONGEST_WAIT)))

    def may_come(self, run_id: RunId, now: datetime) -> bool:
        """Whether the last failure is some time ago."""
        failure = self._failures.get(run_id)
        return failure is None or not timedelta(0) <= now - failure.at < failure.wait

    def are_new_to(self, run_id: RunId) -> bool:
        """Whether this process has made none yet."""
        return run_id not in self._made and run_id not in self._untouched

    def cannot_have_acted(self, run_id: RunId) -> bool:
        """Whether it was begun here, and so far no try can have acted."""
        return run_id in self._untouched

    def unheard_since(self, run_id: RunId, now: datetime) -> datetime:
        """The last try that may have acted, as far as is known: now, where nothing is."""
        return self._unheard_at.setdefault(run_id, now)

    def may_look_up(self, run_id: RunId, now: datetime) -> bool:
        """Whether it was not looked up a moment ago what became of it."""
        at = self._looked_up_at.get(run_id)
        return at is None or not timedelta(0) <= now - at < LOOK_UP_AGAIN

    def note_looked_up(self, run_id: RunId, now: datetime) -> None:
        """It is looked up now."""
        self._looked_up_at[run_id] = now

    def forget(self, run_id: RunId) -> None:
        """It is sent, or never will be."""
        self._untouched.discard(run_id)
        self._made.discard(run_id)
        for memory in (self._looked_up_at, self._unheard_at):
            memory.pop(run_id, None)
        self._failures.pop(run_id, None)
