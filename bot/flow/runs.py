"""Submit a run at the platform, exactly once: the intent and its key are written down before the first byte leaves.

Every retry, also after a restart, asks with the same key, so that asking again is harmless for as long as the
platform remembers it. After that nothing is asked again: what became of it is looked up. Nothing is begun that nobody
was shown, nor anything that was allowed a while ago and has not been begun since: whoever asked may have found another
way meanwhile.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from bot.core.entries import Ended, Entry, GaveUp, Refused, Sent, Started
from bot.core.errors import HistoryError, HostingRefusedError, HostingUnavailableError
from bot.core.intents import Change
from bot.core.names import IdempotencyKey, RunId, TaskId, UserId
from bot.core.recognition import NeverBegun, Recognised
from bot.core.runs import (
    Dropped,
    Fact,
    GivenUp,
    HostingSilent,
    Refusal,
    Run,
    RunState,
    SubmissionBegun,
    SubmissionRefused,
    TaskForgotten,
    TaskStarted,
    advance,
    may_be_given_up,
)
from bot.core.tasks import Submission
from bot.flow.background import Background
from bot.flow.cards import Cards
from bot.flow.lookup import Lookup
from bot.flow.ports import Clock, History, Hosting, Slot, SlotKind

log = logging.getLogger(__name__)

KEY_LIFETIME = timedelta(hours=23)
"""The platform remembers a key for 24 hours (oec.sh, Idempotency); an hour is kept back."""

SEND_AGAIN = timedelta(seconds=5)
"""How long after a failed submission it is tried again, with the same key."""

SEND_LATER = timedelta(seconds=30)
"""The same, once a minute of such tries has led to nothing."""

LONGEST_WAIT = timedelta(minutes=15)
"""No wait that the platform asks for is longer: the block of an address."""

SILENCE = timedelta(seconds=30)
"""How long the platform may leave a question unanswered before the card says so."""

LOOK_UP_AGAIN = timedelta(minutes=1)
"""How often it is looked up whether an ask without an answer was begun all the same."""

DOUBT = timedelta(minutes=5)
"""How long a refusal is not believed where an earlier try of the same submission may have acted."""

FRESH = timedelta(seconds=60)
"""What was allowed longer ago than this, and has not been begun, is not begun without being asked for again."""

NEVER_BEGUN = Refusal("never_begun")
"""What is told of a run whose ask left no trace at the platform."""

_TRIES_A_MINUTE = FRESH // SEND_AGAIN


@dataclass(frozen=True, slots=True)
class _Failure:
    """The last failed try of a submission: when, which one it was, and how long the next one waits."""

    at: datetime
    tries: int
    wait: timedelta


class Runs:
    """The one way in which runs change and reach the platform."""

    def __init__(
        self,
        history: History,
        hosting: Hosting,
        clock: Clock,
        cards: Cards,
        lookup: Lookup,
        background: Background,
    ) -> None:
        self._history = history
        self._hosting = hosting
        self._clock = clock
        self._cards = cards
        self._lookup = lookup
        self._background = background
        self._sending: dict[RunId, asyncio.Task[Run]] = {}
        self._failures: dict[RunId, _Failure] = {}
        self._looked_up_at: dict[RunId, datetime] = {}
        self._unheard_at: dict[RunId, datetime] = {}  # the last try that may have acted, as far as we know
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
                self._forget_sent(after)
                return after

    def may_submit(self, run_id: RunId) -> bool:
        """Whether this run is not being sent at this moment, and the last failure is some time ago."""
        failure = self._failures.get(run_id)
        is_early = failure is not None and timedelta(0) <= self._clock.now() - failure.at < failure.wait
        return run_id not in self._sending and not is_early

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
        self._note_try(run_id)  # or the next turn would begin another one in between
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
        self._untouched.add(run_id)
        return await self.tell(run_id, SubmissionBegun(key), Sent(key))

    async def _begin_and_send(self, run_id: RunId) -> Run:
        try:
            return await self._send(await self._begin(run_id))
        except HistoryError:
            # what the platform answered could not be kept: it may have begun, and no later refusal tells otherwise
            self._untouched.discard(run_id)
            self._note_try(run_id)  # while the database is unwell, nobody need be asked at every turn
            raise

    async def _send(self, run: Run) -> Run:
        if run.state is not RunState.SUBMITTING or run.idempotency_key is None:
            return run
        if self._age(run) > KEY_LIFETIME:
            return await self._conclude(run, None)
        try:
            task_id = await self._hosting.start_action(_as_submission(run.change, run.idempotency_key))
        except HostingRefusedError as refusal:
            return await self._note_refusal(run, refusal)
        except HostingUnavailableError as error:
            return await self._note_trouble(run, error)
        return await self.tell(run.id, TaskStarted(task_id), Started(task_id))

    async def _note_trouble(self, run: Run, error: HostingUnavailableError) -> Run:
        log.warning("Run %s could not be sent yet: %s", run.id, error.reason)
        if error.may_have_acted:
            self._untouched.discard(run.id)
            self._unheard_at[run.id] = self._clock.now()
        found = await self._find_begun(run, error.task_id)
        return found or await self._note_failure(run, wait=error.retry_after)

    async def _note_refusal(self, run: Run, refusal: HostingRefusedError) -> Run:
        """Believe a refusal, unless an earlier try may have acted: the platform may be busy with that one, or done."""
        told = Refusal(refusal.code, refusal.text, refusal.task_id)
        if run.id in self._untouched:
            return await self._refuse(run, told)
        log.warning("Run %s is refused, but may have begun before: %s", run.id, refusal.code)
        found = await self._find_begun(run, refusal.task_id, told)
        if found is not None:
            return found
        return await (self._conclude(run, told) if self._age(run) > DOUBT else self._note_failure(run))

    async def _note_failure(self, run: Run, wait: timedelta | None = None) -> Run:
        """Wait before the next try; people hear of it only when the silence lasts."""
        self._note_try(run.id, wait)
        return await self.tell(run.id, HostingSilent()) if self._age(run) >= SILENCE else run

    def _note_try(self, run_id: RunId, wait: timedelta | None = None) -> None:
        failure = self._failures.get(run_id)
        tries = failure.tries + 1 if failure is not None else 1
        usual = SEND_AGAIN if tries < _TRIES_A_MINUTE else SEND_LATER
        wait = max(usual, min(wait or usual, LONGEST_WAIT))
        self._failures[run_id] = _Failure(self._clock.now(), tries, wait)

    # What became of it, where the key does not tell

    async def _find_begun(
        self, run: Run, in_the_way: TaskId | None, refusal: Refusal | None = None
    ) -> Run | None:
        """The run with its task, where it can be seen that a try without an answer has begun one after all.

        With a refusal in hand it is refused where it can be seen that none has, and none can be on its way any more.
        """
        if run.id in self._untouched:
            return None
        if in_the_way is not None and await self._lookup.is_own(run, in_the_way):
            return await self._take_for_it(run, in_the_way)
        since = (
            self._began_at(run) if refusal is None else self._unheard_at.setdefault(run.id, self._clock.now())
        )
        if self._clock.now() - since < SILENCE or self._was_looked_up(run.id):
            return None
        self._looked_up_at[run.id] = self._clock.now()
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

    def _was_looked_up(self, run_id: RunId) -> bool:
        at = self._looked_up_at.get(run_id)
        return at is not None and timedelta(0) <= self._clock.now() - at < LOOK_UP_AGAIN

    def _age(self, run: Run) -> timedelta:
        return self._clock.now() - self._began_at(run)

    def _began_at(self, run: Run) -> datetime:
        return run.submitted_at or run.asked_at

    def _forget_sent(self, run: Run) -> None:
        """Of a run that is sent, or never will be, nothing need be kept in mind."""
        if run.state in {RunState.ACCEPTED, RunState.SUBMITTING}:
            return
        self._untouched.discard(run.id)
        self._failures.pop(run.id, None)
        self._looked_up_at.pop(run.id, None)
        self._unheard_at.pop(run.id, None)


def _key_of(run: Run) -> IdempotencyKey:
    """The one key that this run ever has: the same in every copy of the history, so that no two of them do it twice."""
    return IdempotencyKey(sha256(f"submission of {run.handle}".encode()).hexdigest()[:32])


def _as_submission(change: Change, key: IdempotencyKey) -> Submission:
    return Submission(key, change.environment.id, change.action, change.mode, change.modules)
