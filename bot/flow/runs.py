"""Submit a run at the platform, exactly once: the intent and its key are written down before the first byte leaves.

Every retry, also after a restart, asks with the same key, so that asking again is harmless for as long as the
platform remembers it. Nothing is begun that nobody was shown, nor anything that was allowed a while ago and has not
been begun since: whoever asked may have found another way meanwhile.
"""

import logging
from datetime import datetime, timedelta

from bot.core.entries import Ended, Entry, Refused, Sent, Started
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.intents import Change
from bot.core.names import IdempotencyKey, RunId
from bot.core.runs import (
    Dropped,
    Fact,
    HostingSilent,
    Refusal,
    Run,
    RunState,
    SubmissionBegun,
    SubmissionRefused,
    TaskForgotten,
    TaskStarted,
    advance,
)
from bot.core.tasks import Submission
from bot.flow.cards import Cards
from bot.flow.ports import Clock, History, Hosting, Slot, SlotKind

log = logging.getLogger(__name__)

KEY_LIFETIME = timedelta(hours=23)
"""The platform remembers a key for 24 hours (oec.sh, Idempotency); an hour is kept back."""

SEND_AGAIN = timedelta(seconds=5)
"""How long after a failed submission it is tried again, with the same key."""

SILENCE = timedelta(seconds=30)
"""How long the platform may leave a question unanswered before the card says so."""

DOUBT = timedelta(minutes=5)
"""How long a conflict may be with ourselves, where an earlier try of the same submission may have acted."""

FRESH = timedelta(seconds=60)
"""What was allowed longer ago than this, and has not been begun, is not begun without being asked for again."""


class Runs:
    """The one way in which runs change and reach the platform."""

    def __init__(self, history: History, hosting: Hosting, clock: Clock, cards: Cards) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._sending: set[RunId] = set()
        self._failed_at: dict[RunId, datetime] = {}
        self._untouched: set[RunId] = set()  # runs begun here whose tries, so far, cannot have acted

    async def tell(self, run_id: RunId, fact: Fact, *entries: Entry) -> Run:
        """Tell a run a fact and have its messages redrawn; a fact that no longer applies changes nothing.

        Somebody else may change the run in the same moment: then the fact is told to what it has become. A grant is
        not told here but recorded with its vote, for a run that begins to hold an environment may have to wait.
        """
        while True:
            before = await self._history.load_run(run_id)
            after = advance(before, fact, self._clock.now())
            if after is before:
                return before
            if await self._history.record_advance(before, after, *entries):
                self._cards.redraw(after)
                return after

    def may_submit(self, run_id: RunId) -> bool:
        """Whether this run is not being sent at this moment, and the last failure is some seconds ago."""
        failed_at = self._failed_at.get(run_id)
        is_early = failed_at is not None and self._clock.now() - failed_at < SEND_AGAIN
        return run_id not in self._sending and not is_early

    async def submit(self, run_id: RunId) -> Run:
        """Ask the platform for a run's action. May be called again at any time: what was done is not done twice."""
        if run_id in self._sending:
            return await self._history.load_run(run_id)
        self._sending.add(run_id)
        try:
            return await self._send(await self._begin(run_id))
        finally:
            self._sending.discard(run_id)

    async def drop(self, run_id: RunId, reason: str) -> Run:
        """End a run that was never sent."""
        return await self.tell(run_id, Dropped(reason), Ended(RunState.DROPPED.value, reason))

    async def is_overdue(self, run: Run) -> bool:
        """Whether this run should have been begun a while ago, but nobody was shown it or the process died."""
        if run.state is not RunState.ACCEPTED:
            return False
        approval = await self._history.find_approval(run.id)
        allowed_at = approval.decided_at if approval else None
        return self._clock.now() - (allowed_at or run.asked_at) > FRESH

    async def _begin(self, run_id: RunId) -> Run:
        """Write the intent down, if people can see the run's card; the run as it then is."""
        run = await self._history.load_run(run_id)
        if run.state is not RunState.ACCEPTED:
            return run
        if await self.is_overdue(run):
            return await self.drop(run_id, "shown_late")
        card = await self._history.find_slot(Slot(run_id, SlotKind.CARD))
        if card is None:
            return run
        if card.ref is None:
            return await self.drop(run_id, "card_refused")
        key = IdempotencyKey(self._clock.new_id())
        self._untouched.add(run_id)
        return await self.tell(run_id, SubmissionBegun(key), Sent(key))

    async def _send(self, run: Run) -> Run:
        if run.state is not RunState.SUBMITTING or run.idempotency_key is None or run.submitted_at is None:
            return run
        self._failed_at.pop(run.id, None)
        if self._clock.now() - run.submitted_at > KEY_LIFETIME:
            return await self._give_up(run)
        try:
            task_id = await self._hosting.start_action(_as_submission(run.change, run.idempotency_key))
        except HostingRefusedError as refusal:
            return await self._note_refusal(run, refusal, run.submitted_at)
        except HostingUnavailableError as error:
            log.warning("Run %s could not be sent yet: %s", run.id, error.reason)
            if error.may_have_acted:
                self._untouched.discard(run.id)
            return await self._note_failure(run, run.submitted_at)
        self._untouched.discard(run.id)
        return await self.tell(run.id, TaskStarted(task_id), Started(task_id))

    async def _note_refusal(self, run: Run, refusal: HostingRefusedError, submitted_at: datetime) -> Run:
        """Believe a refusal, unless it is a conflict and an earlier try may have acted: it may be with that one."""
        if refusal.status == 409 and run.id not in self._untouched:
            log.warning("Run %s may be in its own way: %s", run.id, refusal.code)
            is_lasting = self._clock.now() - submitted_at > DOUBT
            if is_lasting and refusal.code != "task_in_progress":
                return await self._give_up(run)
            return await self._note_failure(run, submitted_at)
        self._untouched.discard(run.id)
        told = Refusal(refusal.code, refusal.text, refusal.task_id)
        return await self.tell(run.id, SubmissionRefused(told), Refused(refusal.code, refusal.text))

    async def _note_failure(self, run: Run, submitted_at: datetime) -> Run:
        """Wait before the next try; people hear of it only when the silence lasts."""
        now = self._clock.now()
        self._failed_at[run.id] = now
        return await self.tell(run.id, HostingSilent()) if now - submitted_at >= SILENCE else run

    async def _give_up(self, run: Run) -> Run:
        """End a run of which nobody can find out whether the platform began it."""
        self._untouched.discard(run.id)
        return await self.tell(run.id, TaskForgotten(), Ended(RunState.LOST.value))


def _as_submission(change: Change, key: IdempotencyKey) -> Submission:
    return Submission(key, change.environment.id, change.action, change.mode, change.modules)
