"""Slack, oec.sh and the time as small classes that fit the flow's ports and keep what they were given.

They outlive the flow: a test may let the bot die and start another one in the same world.
"""

import asyncio
import inspect
import itertools
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.core.budget import Budget
from bot.core.errors import (
    ChatRefusedError,
    ChatUnavailableError,
    Cure,
    HostingRefusedError,
    HostingUnavailableError,
)
from bot.core.names import ChannelId, EnvironmentId, GroupId, IdempotencyKey, MessageTs, TaskId, UserId
from bot.core.policy import Person
from bot.core.pre_flight import Backups
from bot.core.request import Place, ReplyTo
from bot.core.tasks import EnvironmentReport, RecentTasks, Submission, TaskLog, TaskReport, TaskStatus
from bot.flow.ports import (
    AnySlot,
    Change,
    Doubt,
    GroupMembers,
    KnownPerson,
    MessageRef,
    Render,
    Shown,
    Slot,
    SlotKind,
    Urgency,
    Wish,
    all_changed,
)
from bot.slack.verdicts import find_cure
from bot.views.message import Home, Message, Modal


class FakeClock:
    """A clock moved by hand; its ids differ from their first letters on, as unguessable ones do."""

    def __init__(self) -> None:
        self._now = datetime(2026, 10, 5, 12, 0, tzinfo=UTC)
        self._ids = itertools.count(1)

    def now(self) -> datetime:
        """The time it was moved to."""
        return self._now

    def forward(self, **span: float) -> None:
        """Move on by a span, as in `forward(minutes=15)`."""
        self._now += timedelta(**span)

    def new_id(self) -> str:
        """An id that no other call gives."""
        return f"{next(self._ids):06d}-id-of-a-test"


@dataclass(slots=True)
class Posted:
    """One message on the screen: where, and every state it was ever in, newest last."""

    slot: AnySlot | None
    ref: MessageRef
    place: Place
    states: list[Message]
    is_deleted: bool = False

    @property
    def now(self) -> Message:
        """What it shows."""
        return self.states[-1]


@dataclass(eq=False, slots=True)
class _Lane:
    """What is under way for one slot: one call at a time, and at most one wish that waits and can be joined."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: "asyncio.Task[Shown | None] | None" = None
    render: Render | None = None
    shown: MessageRef | None = None
    place: Place | None = None
    is_in_doubt: bool = False

    def close(self) -> None:
        """Let nobody join any more: what is rendered now may be older than what they want shown."""
        self.waiting = None


def _word(slot: AnySlot) -> str:
    return slot.kind.value if isinstance(slot, Slot) else "plea"


Trouble = ChatRefusedError | ChatUnavailableError


class FakeChat:
    """Slack. `people` and `groups` are what it knows; `screen` is what people see, oldest first."""

    def __init__(self, people: Sequence[Person], groups: dict[GroupId, frozenset[UserId]]) -> None:
        self.people = {person.user_id: person for person in people}
        self.groups = groups
        self.asked_anew: list[str] = []
        self.remembered: dict[UserId, Person] = {}
        self.remembered_groups: dict[GroupId, frozenset[UserId]] = {}
        self.people_stale_for: dict[UserId, timedelta] = {}
        self.groups_stale_for: timedelta | None = None
        self.screen: list[Posted] = []
        self.answers: list[tuple[ReplyTo, Message]] = []
        self.modals: list[tuple[str, Modal]] = []
        self.homes: dict[UserId, Home] = {}
        self.edits = 0
        self.asked: list[tuple[AnySlot, Urgency]] = []
        self.changes: dict[AnySlot, float] = {}
        self._troubles: dict[str, list[Trouble]] = defaultdict(list)
        self._lanes: dict[AnySlot, _Lane] = {}
        self._tasks: set[asyncio.Task[Shown | None]] = set()
        self._is_closed = False
        self._is_well = asyncio.Event()
        self._is_well.set()
        self._is_free = asyncio.Event()
        self._is_free.set()
        self._stamps = itertools.count(1)
        self._unheard: list[str] = []
        self.may_look = True
        self.takes_posts = True

    # What a test arranges

    def loses_answer(self, kind: SlotKind | str, *, times: int = 1) -> None:
        """Carry out the next posts of one kind of message (or `plea`) without a word: each is tried again."""
        self._unheard += [kind if isinstance(kind, str) else kind.value] * times

    def carries_out_late(self, slot: AnySlot) -> MessageRef:
        """A post that nobody believed in any more is carried out after all, beside the one that stands."""
        stands = self.of(slot)[-1]
        return self._post(slot, stands.place, stands.now)

    def refuses(self, what: str, error: str | Trouble, *, times: int = 1_000) -> None:
        """Refuse calls with an error: `post` or `edit` of any message or of one kind (`edit card`), `answer`,
        `modal`, `person U0ANA`, `group`, `permalink`.
        """
        trouble = ChatRefusedError(error, cure=find_cure(error)) if isinstance(error, str) else error
        self._troubles[what] += [trouble] * times

    def relents(self, what: str) -> None:
        """Refuse no more."""
        self._troubles.pop(what, None)

    def falls_ill(self) -> None:
        """Take no message until `recovers`: what is to be shown waits."""
        self._is_well.clear()

    def recovers(self) -> None:
        """Be well again."""
        self._is_well.set()

    def holds(self) -> None:
        """Leave every call that shows something under way until `releases`."""
        self._is_free.clear()

    def releases(self) -> None:
        """Let the calls end."""
        self._is_free.set()

    def closes(self) -> None:
        """Be closed, as when the bot stops: what waits is given up, and shows nothing."""
        self._is_closed = True

    async def reconnects(self) -> None:
        """Be open again, with nothing of what a bot that is gone had under way."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._lanes.clear()
        self._is_closed = False
        self.releases()

    def is_waiting(self, slot: AnySlot) -> bool:
        """Whether a wish for this slot could not be shown yet, and can be joined."""
        return slot in self._lanes and self._lanes[slot].waiting is not None

    def of(self, slot: AnySlot) -> list[Posted]:
        """Every message that was ever posted for a slot."""
        return [posted for posted in self.screen if posted.slot == slot]

    def standing(self, slot: AnySlot) -> list[Posted]:
        """The messages of a slot that are to be seen: there should be one at most."""
        return [posted for posted in self.of(slot) if not posted.is_deleted]

    def find(self, ref: MessageRef) -> Posted:
        """The message that stands there."""
        return next(posted for posted in self.screen if posted.ref == ref)

    # The port

    async def show(
        self, slot: AnySlot, urgency: Urgency, render: Render, change: Change = all_changed
    ) -> Shown | None:
        """Show the newest state of a slot; who asks while a wish waits joins it."""
        self.asked.append((slot, urgency))
        self.changes[slot] = change()
        if self._is_closed:
            return None
        lane = self._lanes.setdefault(slot, _Lane())
        lane.render = render
        if lane.waiting is None:
            lane.waiting = asyncio.create_task(self._bring(slot, lane))
            self._tasks.add(lane.waiting)
            lane.waiting.add_done_callback(self._tasks.discard)
        return await asyncio.shield(lane.waiting)

    async def _bring(self, slot: AnySlot, lane: _Lane) -> Shown | None:
        me = asyncio.current_task()
        while True:
            async with lane.turn:
                lane.close()
                wish = await lane.render() if lane.render else None
                if wish is None:
                    return None
                if self._is_well.is_set():
                    return await self._put(slot, lane, wish)
            if lane.waiting is not None:
                return await asyncio.shield(lane.waiting)
            lane.waiting = me
            await self._is_well.wait()

    async def _put(self, slot: AnySlot, lane: _Lane, wish: Wish) -> Shown:
        ref = wish.ref or (lane.shown if lane.place == wish.place else None)
        ref = None if ref is not None and ref.ts == wish.gone else ref
        await self._is_free.wait()
        doubt = await wish.begin() if ref is None and wish.begin is not None else None
        found = self._look(doubt, wish.place) if doubt is not None and self.may_look else []
        if found:
            ref = lane.shown = found[0]
            lane.place, lane.is_in_doubt = wish.place, True
            if wish.adopt is not None:
                await wish.adopt(Shown(ref, 0, is_in_doubt=True, strays=tuple(found[1:])))
        call = "post" if ref is None else "edit"
        try:
            self._raise_trouble(call, f"{call} {_word(slot)}")
            self._raise_deleted(ref)
        except ChatRefusedError:
            lane.shown = None
            raise
        if ref is None:
            ref = self._post(slot, wish.place, wish.message)
            if _word(slot) in self._unheard:
                self._unheard.remove(_word(slot))
                return await self._put(slot, lane, wish)
        elif not (isinstance(slot, Slot) and slot.kind is SlotKind.END):
            self.find(ref).states.append(wish.message)
            self.edits += 1
        lane.is_in_doubt = doubt is not None or (lane.is_in_doubt and lane.shown == ref)
        lane.shown, lane.place = ref, wish.place
        return Shown(ref, wish.version, is_in_doubt=lane.is_in_doubt)

    def _look(self, doubt: Doubt, place: Place) -> list[MessageRef]:
        return [
            posted.ref
            for posted in self.standing(doubt.slot)
            if posted.place == place and posted.ref.ts != doubt.gone
        ]

    async def find_posted(self, doubt: Doubt, place: Place) -> list[MessageRef]:
        """Our own messages of a slot that stand there."""
        await asyncio.sleep(0)
        if not self.may_look:
            raise ChatRefusedError("missing_scope", cure=Cure.APP_SET_RIGHT)
        self._raise_trouble("look")
        return self._look(doubt, place)

    async def delete(self, ref: MessageRef) -> None:
        """Take a message away."""
        await asyncio.sleep(0)
        self._raise_trouble("delete")
        self._raise_deleted(ref)
        self.find(ref).is_deleted = True

    async def may_post(self, channel_id: ChannelId) -> bool:
        """Whether a channel takes messages."""
        await asyncio.sleep(0)
        self._raise_trouble("channel")
        return self.takes_posts and bool(channel_id)

    def _post(self, slot: AnySlot | None, place: Place, message: Message) -> MessageRef:
        ref = MessageRef(place.channel_id, MessageTs(f"1790000000.{next(self._stamps):06d}"))
        self.screen.append(Posted(slot, ref, place, [message]))
        return ref

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Keep a private answer."""
        await asyncio.sleep(0)
        self._raise_trouble("answer")
        self.answers.append((reply_to, message))

    async def post(self, place: Place, message: Message) -> MessageRef:
        """Post a message of no run."""
        await asyncio.sleep(0)
        self._raise_trouble("post")
        return self._post(None, place, message)

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Keep an App Home."""
        self.homes[user_id] = home

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Keep a modal."""
        self._raise_trouble("modal")
        self.modals.append((trigger_id, modal))

    async def fetch_person(self, user_id: UserId, *, anew: bool = False) -> KnownPerson:
        """What Slack knows of a person: of this moment where asked `anew`, else what is `remembered` of them."""
        await asyncio.sleep(0)
        self._raise_trouble("person", f"person {user_id}")
        self.asked_anew += [user_id] if anew else []
        known = self.people if anew else self.people | self.remembered
        return KnownPerson(known[user_id], self.people_stale_for.get(user_id))

    async def fetch_group(self, group_id: GroupId, *, anew: bool = False) -> GroupMembers:
        """The members of a user group, in the same way; as old as `groups_stale_for` says."""
        await asyncio.sleep(0)
        self._raise_trouble("group")
        self.asked_anew += [group_id] if anew else []
        known = self.groups if anew else self.groups | self.remembered_groups
        return GroupMembers(known[group_id], self.groups_stale_for)

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message."""
        self._raise_trouble("permalink")
        return f"https://acme.example/archives/{ref.channel_id}/p{ref.ts.replace('.', '')}"

    def _raise_deleted(self, ref: MessageRef | None) -> None:
        if ref is not None and self.find(ref).is_deleted:
            raise ChatRefusedError("message_not_found", cure=Cure.ANEW)

    def _raise_trouble(self, *names: str) -> None:
        for name in names:
            if self._troubles.get(name):
                raise self._troubles[name].pop(0)


@dataclass(slots=True)
class FakeTask:
    """A task at the platform: its key (None: started elsewhere), and what a look at it gets."""

    id: TaskId
    key: IdempotencyKey | None
    report: TaskReport
    log: TaskLog | HostingRefusedError | HostingUnavailableError = field(
        default_factory=lambda: TaskLog("", truncated=False)
    )
    trouble: Exception | None = None


@dataclass(frozen=True, slots=True)
class _Mishap:
    error: Exception
    acts: bool


class FakeHosting:
    """oec.sh: one task per idempotency key, and one open task per environment."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        self.posts: list[Submission] = []
        self.looks: list[TaskId] = []
        self.log_looks: list[tuple[EnvironmentId, TaskId, int]] = []
        self.tasks: dict[TaskId, FakeTask] = {}
        self.budget = Budget(limit=6_000)
        self.environments: dict[EnvironmentId, EnvironmentReport] = {}
        self.environment_trouble: Exception | None = None
        self.listing_trouble: Exception | None = None
        self.backups: dict[EnvironmentId, Backups] = {}
        self.backups_trouble: Exception | None = None
        self.extra_looks: list[str] = []
        self._withheld: dict[str, asyncio.Event] = {}
        self._mishaps: list[_Mishap] = []
        self._hanging: dict[TaskId, asyncio.Event] = {}
        self._is_free = asyncio.Event()
        self._is_free.set()
        self._numbers = itertools.count(1)

    # What a test arranges

    def fails_next(self, error: Exception, *, after_acting: bool = False, times: int = 1) -> None:
        """Let the next posts fail: before anything was done, or with the answer lost after it was."""
        self._mishaps += [_Mishap(error, after_acting)] * times

    def forgives(self) -> None:
        """Let nothing fail any more."""
        self._mishaps.clear()

    def holds(self) -> None:
        """Leave every post under way until `releases`."""
        self._is_free.clear()

    def releases(self) -> None:
        """Let the posts end."""
        self._is_free.set()

    def hangs(self, task_id: TaskId) -> None:
        """Leave every look at a task under way until it `answers`."""
        self._hanging[task_id] = asyncio.Event()

    def answers(self, task_id: TaskId) -> None:
        """Let the looks at a task end."""
        self._hanging.pop(task_id).set()

    def withholds(self, what: str) -> None:
        """Leave every question for `environment`, `open task` or `backups` unanswered until it `tells`."""
        self._withheld[what] = asyncio.Event()

    def tells(self, what: str) -> None:
        """Answer them."""
        self._withheld.pop(what).set()

    async def _answer(self, what: str) -> None:
        await asyncio.sleep(0)
        if what in self._withheld:
            await self._withheld[what].wait()

    def begins_elsewhere(self, environment_id: EnvironmentId, type_: str = "backup") -> TaskId:
        """Somebody starts something in the dashboard."""
        return self._begin(environment_id, type_, None).id

    def moves(self, task_id: TaskId, status: TaskStatus | None = None, **changed: object) -> None:
        """The task goes on: to a status, or with a step, a percent, an error."""
        task = self.tasks[task_id]
        started = task.report.started_at
        if status is TaskStatus.RUNNING and started is None:
            changed = {"started_at": self._clock.now()} | changed
        if status is not None:
            changed = {"status": status} | changed
        change: Callable[..., TaskReport] = replace
        task.report = change(task.report, **changed)

    @property
    def own_tasks(self) -> list[FakeTask]:
        """The tasks that were begun by a key, in their order."""
        return [task for task in self.tasks.values() if task.key is not None]

    # The port

    async def start_action(self, submission: Submission) -> TaskId:
        """Begin an action, or give the task that its key already began."""
        self.posts.append(submission)
        mishap = self._mishaps.pop(0) if self._mishaps else None
        await self._is_free.wait()
        if mishap is not None and not mishap.acts:
            raise mishap.error
        task = self._act(submission)
        if mishap is not None:
            raise mishap.error
        return task.id

    def _act(self, submission: Submission) -> FakeTask:
        known = next((task for task in self.tasks.values() if task.key == submission.key), None)
        if known is not None:
            return known
        for task in self.tasks.values():
            if task.report.environment_id == submission.environment_id and not task.report.status.is_terminal:
                raise HostingRefusedError(status=409, code="task_in_progress", task_id=task.id)
        return self._begin(submission.environment_id, submission.action.value, submission.key)

    def _begin(self, environment_id: EnvironmentId, type_: str, key: IdempotencyKey | None) -> FakeTask:
        task_id = TaskId(f"task-{next(self._numbers)}")
        report = TaskReport(task_id, type_, TaskStatus.QUEUED, environment_id, 0, None, 0, 12)
        self.tasks[task_id] = FakeTask(task_id, key, report)
        return self.tasks[task_id]

    async def fetch_task(self, task_id: TaskId) -> TaskReport:
        """One look."""
        self.looks.append(task_id)
        await asyncio.sleep(0)
        if task_id in self._hanging:
            await self._hanging[task_id].wait()
        task = self.tasks.get(task_id)
        if task is None:
            raise HostingRefusedError(status=404, code="not_found")
        if task.trouble is not None:
            raise task.trouble
        return task.report

    async def fetch_recent_tasks(self, environment_id: EnvironmentId) -> RecentTasks:
        """The newest tasks of an environment, as the platform lists them."""
        await asyncio.sleep(0)
        if self.listing_trouble is not None:
            raise self.listing_trouble
        here = [task.report for task in self.tasks.values() if task.report.environment_id == environment_id]
        deploys = tuple(report for report in reversed(here) if report.type == "deploy")
        return RecentTasks(deploys, are_all_deploys=True, latest=here[-1] if here else None)

    async def fetch_open_task(self, environment_id: EnvironmentId) -> TaskReport | None:
        """The task that holds an environment."""
        self.extra_looks.append("open task")
        await self._answer("open task")
        recent = await self.fetch_recent_tasks(environment_id)
        return None if recent.latest is None or recent.latest.status.is_terminal else recent.latest

    async def fetch_backups(self, environment_id: EnvironmentId) -> Backups:
        """The newest backup; none where a test has not said otherwise."""
        self.extra_looks.append("backups")
        await self._answer("backups")
        if self.backups_trouble is not None:
            raise self.backups_trouble
        return self.backups.get(environment_id, Backups())

    async def fetch_environment(self, environment_id: EnvironmentId) -> EnvironmentReport:
        """One environment."""
        await self._answer("environment")
        if self.environment_trouble is not None:
            raise self.environment_trouble
        return self.environments.get(environment_id, EnvironmentReport(environment_id, status="running"))

    async def fetch_environments(self) -> Sequence[EnvironmentReport]:
        """Every environment."""
        return list(self.environments.values())

    async def fetch_log(self, environment_id: EnvironmentId, task_id: TaskId, *, lines: int) -> TaskLog:
        """The tail of a log."""
        self.log_looks.append((environment_id, task_id, lines))
        log = self.tasks[task_id].log
        if isinstance(log, TaskLog):
            return log
        raise log

    def read_budget(self) -> Budget:
        """What is left for looking."""
        return self.budget


class Died(BaseException):
    """The process is gone at this line: nothing of it runs on, no handler and no cleaning up."""


class Meddler:
    """Stands between a flow and its ports: does something in the middle of a race, or lets the process die there.

    `calls` lists every crossing so far: each call of a port on its way in, and if it was no mere question, on its way
    out as well, where it has had its effect and nobody here knows.
    """

    def __init__(self, *, dies_at: int | None = None, dies_after: str | None = None) -> None:
        self.calls: list[str] = []
        self.is_dead = False
        self._dies_at = dies_at
        self._last_crossing = f"after {dies_after}"
        self._tricks: dict[str, Callable[[], Awaitable[None]]] = {}

    def before(self, call: str, trick: Callable[[], Awaitable[None]]) -> None:
        """Do something just before the next call of this name (`record_approval`)."""
        self._tricks[call] = trick

    async def cross(self, name: str, *, inward: bool) -> None:
        """One crossing. Raises `Died` where the process dies, and at every crossing after that."""
        if not self.is_dead:
            self.calls.append(f"{'before' if inward else 'after'} {name}")
            self.is_dead = len(self.calls) == self._dies_at or self.calls[-1] == self._last_crossing
        if self.is_dead:
            raise Died
        trick = self._tricks.pop(name, None) if inward else None
        if trick is not None:
            await trick()

    def around(self, port: object) -> Any:
        """The port, meddled with."""
        return _Meddled(port, self)


_QUESTIONS = ("find_", "load_", "fetch_")


class _Meddled:
    def __init__(self, port: object, meddler: Meddler) -> None:
        self._port = port
        self._meddler = meddler

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._port, name)
        if not inspect.iscoroutinefunction(call):
            return call

        async def crossing(*args: Any, **named: Any) -> Any:
            await self._meddler.cross(name, inward=True)
            result = await call(*args, **named)
            if not name.startswith(_QUESTIONS):
                await self._meddler.cross(name, inward=False)
            return result

        return crossing
