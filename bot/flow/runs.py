"""Submit a run at the platform, exactly once: the intent and its key are written down before the first byte leaves.

Every retry, also after a restart, asks with the same key, so that asking again is harmless for as long as the
platform remembers it.
"""

import logging
from datetime import timedelta

from bot.core.entries import Ended, Entry, Refused, Sent, Started
from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import IdempotencyKey, RunId
from bot.core.runs import (
    Dropped,
    Fact,
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
from bot.flow.ports import Clock, History, Hosting

log = logging.getLogger(__name__)

KEY_LIFETIME = timedelta(hours=23)
"""The platform remembers a key for 24 hours (oec.sh, Idempotency); an hour is kept back."""


class Runs:
    """The one way in which runs change and reach the platform."""

    def __init__(self, history: History, hosting: Hosting, clock: Clock, cards: Cards) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._sending: set[RunId] = set()

    async def tell(self, run_id: RunId, fact: Fact, *entries: Entry) -> Run:
        """Tell a run a fact and have its messages redrawn; a fact that no longer applies changes nothing.

        Somebody else may change the run in the same moment: then the fact is told to what it has become.
        """
        while True:
            before = await self._history.load_run(run_id)
            after = advance(before, fact, self._clock.now())
            if after is before:
                return before
            if await self._history.record_advance(before, after, *entries):
                self._cards.redraw(after)
                return after

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

    async def _begin(self, run_id: RunId) -> Run:
        key = IdempotencyKey(self._clock.new_id())
        return await self.tell(run_id, SubmissionBegun(key), Sent(key))

    async def _send(self, run: Run) -> Run:
        if run.state is not RunState.SUBMITTING or run.idempotency_key is None or run.submitted_at is None:
            return run
        if self._clock.now() - run.submitted_at > KEY_LIFETIME:
            return await self.tell(run.id, TaskForgotten(), Ended(RunState.LOST.value))
        change = run.change
        submission = Submission(
            run.idempotency_key, change.environment.id, change.action, change.mode, change.modules
        )
        try:
            task_id = await self._hosting.start_action(submission)
        except HostingRefusedError as refusal:
            told = Refusal(refusal.code, refusal.text, refusal.task_id)
            return await self.tell(run.id, SubmissionRefused(told), Refused(refusal.code, refusal.text))
        except HostingUnavailableError as error:
            log.warning("Run %s could not be sent yet: %s", run.id, error.reason)
            return run
        return await self.tell(run.id, TaskStarted(task_id), Started(task_id))
