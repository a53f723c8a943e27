"""Submit a run at the platform, exactly once: the intent and its key are written down before the first byte leaves.

Every retry, also after a restart, asks with the same key, so that asking again is harmless for as long as the
platform remembers it. After that nothing is asked again: what became of it is looked up. Nothing is begun that nobody
was shown, nor anything that was allowed a while ago and has not been begun since: whoever asked may have found another
way meanwhile.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from hashlib import sha256

from bot.core.entries import Ended, Entry, GaveUp, Refused, Sent, Started
from bot.core.errors import HistoryError, HostingRefusedError, HostingUnavailableError
from bot.core.facts import (
    Dropped,
    Fact,
    GivenUp,
    HostingSilent,
    SubmissionBegun,
    SubmissionRefused,
    TaskForgotten,
    TaskStarted,
)
from bot.core.intents import Change
from bot.core.names import IdempotencyKey, RunId, TaskId, UserId
from bot.core.recognition import NeverBegun, Recognised
from bot.core.runs import Run, RunState, advance, may_be_given_up
from bot.core.tasks import Refusal, Submission
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.leave import Leave
from bot.flow.lookup import Lookup
from bot.flow.ports import Clock, History, Hosting, Slot, SlotKind
from bot.flow.tries import Tries

log = logging.getLogger(__name__)

KEY_LIFETIME = timedelta(hours=23)
"""The platform remembers a key for 24 hours (oec.sh, Idempotency); an hour is kept back."""

SILENCE = timedelta(seconds=30)
"""How long the platform may leave a question unanswered before the card says so."""

DOUBT = timedelta(minutes=5)
"""How long a refusal is not believed where an earlier try of the same submission may have acted."""

FRESH = timedelta(seconds=60)
"""What was allowed longer ago than this, and has not been begun, is not begun without being asked for again."""

UNEXPECTED = timedelta(minutes=5)
"""After so long nobody expects any more that what a process before this one left behind is begun."""

WRONG_CLOCK = timedelta(hours=1)
"""By so much our clock may be wrong before anything is said that the key would tell better."""

NEVER_BEGUN = Refusal("never_begun")
"""What is told of a run whose ask left no trace at the platform."""

LEAVE_LOST = Refusal("leave_lost")
"""What is told of a run that the rules no longer let be done, and that was not begun before they changed."""


class Runs:
    """The one way in which runs change and reach the platform."""

    def __init__(
        self,
        history: History,
        hosting: Hosting,
        clock: Clock,
        cards: Cards,
        lookup: Lookup,
        leave: Leave,
        background: Background,
    ) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._lookup = lookup
        self._leave = leave
        self._background = background
        self._sending: dict[RunId, asyncio.Task[Run]] = {}
        self._tries = Tries()

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
                if after.state not in {RunState.ACCEPTED, RunState.SUBMITTING}:
                    self._tries.forget(run_id)
                return after

    def may_submit(self, run_id: RunId) -> bool:
        """Whether this run is not being sent at this moment, and the last failure is some time ago."""
        return run_id not in self._sending and self._tries.may_come(run_id, self._clock.now())

    async def submit(self, run_id: RunId) -> Run:
        """Ask the platform for a run's action. May be called again at any time: what was done is not done twice."""
        if run_id in self._sending:
            return await self._history.load_run(run_id)
        name = f"asking oec.sh for run {run_id}"
        sending = self._background.start(self._begin_and_send(run_id), name=name, is_awaited=True)
        self._sending[run_id] = sending
        sending.add_done_callback(lambda _: self._sending.pop(run_id, None))
        await asyncio.wait({sending})
        return await self._history.load_run(run_id) if sending.cancelled() else sending.result()

    async def give_up(self, run_id: RunId, by: UserId) -> Run:
        """End a run that leads nowhere, its outcome unknown; the run as it then is, for it may have got on meanwhile.

        Nothing asks with its key from here on. A try that is under way is broken off first: what it leads to nobody
        would hear.
        """
        run = await self._history.load_run(run_id)
        if not may_be_given_up(run):
            return run
        self._tries.note_failure(
            run_id, self._clock.now()
        )  # or the next turn would begin another one in between
        sending = self._sending.get(run_id)
        if sending is not None:
            sending.cancel()
            await asyncio.wait({sending})
        return await self.tell(run_id, GivenUp(by), GaveUp(by), Ended(RunState.LOST.value))

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
        key = _key_of(run)
        self._tries.begin(run_id)
        return await self.tell(run_id, SubmissionBegun(key), Sent(key))

    async def _begin_and_send(self, run_id: RunId) -> Run:
        try:
            return await self._send(await self._begin(run_id))
        except HistoryError:
            # what the platform answered could not be kept: it may have begun, and no later refusal tells otherwise
            self._tries.note_unheard(run_id, self._clock.now())
            self._tries.note_failure(run_id, self._clock.now())  # and nobody need be asked at every turn
            raise

    async def _send(self, run: Run) -> Run:
        if run.state is not RunState.SUBMITTING or run.idempotency_key is None:
            return run
        if self._age(run) > KEY_LIFETIME:
            return await self._conclude(run, None)
        if await self._leave.is_lost(run):
            return await self._leave_undone(run)
        if await self._is_left_undone(run):
            return await self._refuse(run, NEVER_BEGUN)
        self._tries.note_made(run.id)
        try:
            task_id = await self._hosting.start_action(_as_submission(run.change, run.idempotency_key))
        except HostingRefusedError as refusal:
            return await self._note_refusal(run, refusal)
        except HostingUnavailableError as error:
            return await self._note_trouble(run, error)
        return await self.tell(run.id, TaskStarted(task_id), Started(task_id))

    async def _leave_undone(self, run: Run) -> Run:
        """Ask no more for what the rules no longer let be done; it ends once nothing can have begun, or with what has."""
        if self._tries.cannot_have_acted(run.id):
            return await self._refuse(run, LEAVE_LOST)
        return await self._find_begun(run, None, LEAVE_LOST) or await self._note_failure(run)

    async def _is_left_undone(self, run: Run) -> bool:
        """Whether the bot was long away over its first try, and that led to nothing: to send it now would surprise."""
        if not self._tries.are_new_to(run.id) or self._age(run) < UNEXPECTED:
            return False
        return isinstance(await self._lookup.find_outcome(run, leeway=WRONG_CLOCK), NeverBegun)

    async def _note_trouble(self, run: Run, error: HostingUnavailableError) -> Run:
        log.warning("Run %s could not be sent yet: %s", run.id, error.reason)
        if error.may_have_acted:
            self._tries.note_unheard(run.id, self._clock.now())
        found = await self._find_begun(run, error.task_id)
        return found or await self._note_failure(run, wait=error.retry_after)

    async def _note_refusal(self, run: Run, refusal: HostingRefusedError) -> Run:
        """Believe a refusal, unless an earlier try may have acted: the platform may be busy with that one, or done."""
        told = Refusal(refusal.code, refusal.text, refusal.task_id)
        if self._tries.cannot_have_acted(run.id):
            return await self._refuse(run, told)
        log.warning("Run %s is refused, but may have begun before: %s", run.id, refusal.code)
        found = await self._find_begun(run, refusal.task_id, told)
        if found is not None:
            return found
        return await (self._conclude(run, told) if self._age(run) > DOUBT else self._note_failure(run))

    async def _note_failure(self, run: Run, wait: timedelta | None = None) -> Run:
        """Wait before the next try; people hear of it only when the silence lasts."""
        self._tries.note_failure(run.id, self._clock.now(), wait)
        return await self.tell(run.id, HostingSilent()) if self._age(run) >= SILENCE else run

    # What became of it, where the key does not tell

    async def _find_begun(
        self, run: Run, in_the_way: TaskId | None, refusal: Refusal | None = None
    ) -> Run | None:
        """The run with its task, where it can be seen that a try without an answer has begun one after all.

        With a refusal in hand it is refused where it can be seen that none has, and none can be on its way any more.
        """
        if self._tries.cannot_have_acted(run.id):
            return None
        if in_the_way is not None and await self._lookup.is_own(run, in_the_way):
            return await self._take_for_it(run, in_the_way)
        now = self._clock.now()
        since = self._began_at(run) if refusal is None else self._tries.unheard_since(run.id, now)
        if now - since < SILENCE or not self._tries.may_look_up(run.id, now):
            return None
        self._tries.note_looked_up(run.id, now)
        finding = await self._lookup.find_outcome(run)
        if isinstance(finding, Recognised):
            return await self._take_for_it(run, finding.task_id)
        if isinstance(finding, NeverBegun) and refusal is not None:
            return await self._refuse(run, refusal)
        return None

    async def _conclude(self, run: Run, refusal: Refusal | None) -> Run:
        """Find an end where asking again tells nothing: by what the platform shows of the environment."""
        finding = await self._lookup.find_outcome(run)
        match finding:
            case None:
                return await self._note_failure(run)
            case Recognised(task_id):
                return await self._take_for_it(run, task_id)
            case NeverBegun():
                return await self._refuse(run, refusal or NEVER_BEGUN)
            case _ if refusal is not None and refusal.code == "task_in_progress":
                return await self._note_failure(run)  # once that has ended, the key tells
            case _:
                return await self.tell(run.id, TaskForgotten(), Ended(RunState.LOST.value))

    async def _take_for_it(self, run: Run, task_id: TaskId) -> Run:
        log.warning("Task %s is taken for what run %s asked for", task_id, run.id)
        return await self.tell(
            run.id, TaskStarted(task_id, is_presumed=True), Started(task_id, is_presumed=True)
        )

    async def _refuse(self, run: Run, refusal: Refusal) -> Run:
        return await self.tell(run.id, SubmissionRefused(refusal), Refused(refusal.code, refusal.text))

    def _age(self, run: Run) -> timedelta:
        return self._clock.now() - self._began_at(run)

    def _began_at(self, run: Run) -> datetime:
        return run.submitted_at or run.asked_at


def _key_of(run: Run) -> IdempotencyKey:
    """The one key that this run ever has: the same in every copy of the history, so that no two of them do it twice."""
    return IdempotencyKey(sha256(f"submission of {run.handle}".encode()).hexdigest()[:32])


def _as_submission(change: Change, key: IdempotencyKey) -> Submission:
    return Submission(key, change.environment.id, change.action, change.mode, change.modules)
