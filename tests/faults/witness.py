"""What must hold whatever happens, seen from outside: what stands in Slack, what oec.sh was asked for, what is written down.

The order of looking matters: what is on screen, and what the platform was asked for, is read before the database, where
all of it must stand already.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from bot.core.approvals import Approval, ApprovalState
from bot.core.entries import Asked, RecordedEntry, Sent, Voted
from bot.core.runs import BUSY_STATES, Run, RunState
from bot.history import run_table
from bot.history.database import open_for_reading
from bot.sim.hosting.entities import Task, TaskStatus
from bot.sim.hosting.front import SeenRequest
from bot.sim.sandbox import Sandbox
from bot.sim.workspace.entities import Message
from tests.support.explained import find_flaw
from tests.support.reading import find_buttons, read_words

RELEASERS = frozenset({"U0ANA", "U0BEN"})
PROTECTED = frozenset({"prod", "shop"})

CLAIMS = {
    RunState.DONE: ("✓ ", ""),
    RunState.FAILED: ("✕ ", "failed", "never started"),
    RunState.REFUSED: ("✕ ", "was refused", "was not begun"),
    RunState.CANCELLED: ("◼ ", "was cancelled"),
    RunState.DECLINED: ("◼ ", "was declined"),
    RunState.WITHDRAWN: ("◼ ", "was withdrawn"),
    RunState.EXPIRED: ("◼ ", "expired"),
    RunState.DROPPED: ("◼ ", "was not sent"),
    RunState.LOST: ("⚠ ", "outcome unknown"),
}
"""How a card's first line says each end: its sign, and one of these words."""

END_AT_THE_PLATFORM = {
    RunState.DONE: TaskStatus.COMPLETED,
    RunState.FAILED: TaskStatus.FAILED,
    RunState.CANCELLED: TaskStatus.CANCELLED,
}
UNSENT = frozenset(
    {RunState.DECLINED, RunState.WITHDRAWN, RunState.EXPIRED, RunState.DROPPED, RunState.REFUSED}
)
STEPS_OF_A_RUN = {RunState.WAITING: 0, RunState.ACCEPTED: 1, RunState.SUBMITTING: 2, RunState.RUNNING: 3}
"""An open run goes only forward; every end comes after all of these, and stays."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A message of a run's, as it stands in Slack."""

    run: int
    kind: str
    channel: str
    words: str
    buttons: tuple[str, ...]

    @property
    def claim(self) -> RunState | None:
        """The end that its first line claims; None where it claims none."""
        first = self.words.partition("\n")[0]
        for state, (sign, *words) in CLAIMS.items():
            if first.startswith(sign) and any(word in first for word in words):
                return state
        return None


@dataclass(frozen=True, slots=True)
class Record:
    """What the database says of a run."""

    run: Run
    approval: Approval | None
    entries: tuple[RecordedEntry, ...]


def read_shown(sandbox: Sandbox) -> list[Shown]:
    """Every message of a run's that stands in Slack."""
    workspace = sandbox.workspace.workspace
    found = (
        _as_shown(message) for channel in workspace.channels for message in workspace.messages_in(channel)
    )
    return [shown for shown in found if shown is not None]


def _as_shown(message: Message) -> Shown | None:
    metadata = message.content.metadata or {}
    if message.is_ephemeral or metadata.get("event_type") != "oec_run":
        return None
    facts = metadata["event_payload"]
    if "run" not in facts:  # a plea's
        return None
    body = {"text": message.content.text, "blocks": list(message.content.blocks)}
    return Shown(
        int(facts["run"]),
        str(facts["slot"]),
        message.channel_id,
        read_words(body),
        tuple(find_buttons(body)),
    )


def read_records(database: Path) -> dict[int, Record]:
    """Every run in the database, as of one moment."""
    with open_for_reading(str(database)) as db:
        db.execute("BEGIN")
        return {
            run.id: Record(
                run, run_table.find_approval(db, run.id), tuple(run_table.find_entries(db, run.id))
            )
            for run in run_table.select_runs(db, "SELECT * FROM runs ORDER BY id")
        }


@dataclass(slots=True)
class Witness:
    """Looks again and again, and remembers what it saw.

    Where Slack carries out a post long after it was sent, the same message may stand twice for a while (`may_stand_twice`):
    nobody could have found it when it was posted again.
    """

    sandbox: Sandbox
    database: Path
    may_stand_twice: bool = False
    records: dict[int, Record] = field(default_factory=dict)
    _requests_seen: int = 0

    def look(self) -> dict[int, Record]:
        """Look once; raises AssertionError where something is not as it must be."""
        shown = read_shown(self.sandbox)
        tasks = [task for task in self.sandbox.hosting.hosting.tasks.values() if task.idempotency_key]
        posts = self._new_posts()
        before, now = self.records, read_records(self.database)
        for number, record in before.items():
            assert number in now, f"run #{number} has vanished"
            check_step(record, now[number])
        for record in now.values():
            check_leave(record)
        check_busy(now)
        check_tasks(tasks, now)
        check_posts(posts, now)
        check_shown(shown, now)
        assert self.may_stand_twice or not find_doubles(shown), f"stands twice: {find_doubles(shown)}"
        self.records = now
        return now

    def _new_posts(self) -> list[SeenRequest]:
        requests = [one for one in self.sandbox.hosting.front.requests if one.number > self._requests_seen]
        self._requests_seen = max((one.number for one in requests), default=self._requests_seen)
        return [one for one in requests if one.method == "POST"]


def check_step(before: Record, after: Record) -> None:
    """A run goes forward, keeps its key and its task, and never leaves its end; its entries only grow."""
    was, now = before.run, after.run
    name = f"run #{was.id}, {was.state.value} → {now.state.value}"
    if was.state.is_open:
        assert STEPS_OF_A_RUN[was.state] <= STEPS_OF_A_RUN.get(now.state, 4), f"{name} went back"
    else:
        assert (now.state, now.ended_at) == (was.state, was.ended_at), f"{name} left its end"
    assert was.idempotency_key in {None, now.idempotency_key}, f"{name} changed its key"
    assert was.task_id in {None, now.task_id}, f"{name} changed its task"
    assert was.version <= now.version, f"{name} grew younger"
    assert after.entries[: len(before.entries)] == before.entries, f"{name} has other entries"
    if before.approval is not None and before.approval.state is not ApprovalState.WAITING:
        assert after.approval == before.approval, f"{name} was decided anew"


def check_leave(record: Record) -> None:
    """What was sent was allowed and is written down: by a rule at once, or by a vote of somebody else who may."""
    run, approval = record.run, record.approval
    kinds = [type(recorded.entry) for recorded in record.entries]
    if run.adopted:
        assert run.idempotency_key is None
        return
    assert kinds[0] is Asked, f"run #{run.id} begins with {kinds[0].__name__}"
    assert kinds.count(Sent) <= 1, f"run #{run.id} was sent twice"
    sent = [recorded.entry.key for recorded in record.entries if isinstance(recorded.entry, Sent)]
    assert sent == ([run.idempotency_key] if run.idempotency_key else []), f"run #{run.id} has another key"
    if run.idempotency_key is None:
        return
    flaw = find_flaw([recorded.entry for recorded in record.entries])
    assert flaw is None, f"run #{run.id} {flaw}"
    if not needs_approval(run):
        return
    assert approval is not None, f"run #{run.id} was sent without approval"
    assert approval.state is ApprovalState.GRANTED, f"run #{run.id} was sent while {approval.state.value}"
    assert approval.consents == run.approvers
    assert set(run.approvers) <= RELEASERS - {run.requester}, f"run #{run.id} was approved by {run.approvers}"
    votes = [recorded.entry for recorded in record.entries if isinstance(recorded.entry, Voted)]
    assert [(vote.by, vote.outcome) for vote in votes] == [(run.approvers[-1], "granted")]


def needs_approval(run: Run) -> bool:
    """Whether the rules of these stories want an approval for this run, in each of their versions."""
    is_protected = run.change.environment.alias in PROTECTED
    return run.change.word == "reinit" or (
        is_protected and run.change.word in {"deploy", "stop", "update", "update_all"}
    )


def check_busy(records: dict[int, Record]) -> None:
    """At most one run of ours holds an environment."""
    busy = [record.run for record in records.values() if record.run.state in BUSY_STATES]
    held = Counter(run.change.environment.id for run in busy)
    twice = [environment_id for environment_id, count in held.items() if count > 1]
    assert not twice, f"two runs hold {twice}"


def check_tasks(tasks: list[Task], records: dict[int, Record]) -> None:
    """Each task that we began belongs to one run, and no run has two; its end is the platform's own."""
    of_key = {str(record.run.idempotency_key): record.run for record in records.values()}
    per_key = Counter(task.idempotency_key for task in tasks)
    assert all(count == 1 for count in per_key.values()), f"a key began two tasks: {per_key}"
    for task in tasks:
        run = of_key.get(str(task.idempotency_key))
        assert run is not None, f"nobody knows who began task {task.id}"
        assert run.task_id in {None, task.id}, f"run #{run.id} follows another task than it began"
        assert run.state not in UNSENT, f"run #{run.id} is {run.state.value}, and began task {task.id}"
    by_id = {task.id: task for task in tasks}
    for record in records.values():
        followed = by_id.get(str(record.run.task_id))
        expected = END_AT_THE_PLATFORM.get(record.run.state)
        if followed is not None and expected is not None:
            told = f"run #{record.run.id} is {record.run.state.value}, its task {followed.status}"
            assert followed.status == expected, told


def check_posts(posts: list[SeenRequest], records: dict[int, Record]) -> None:
    """Whatever was asked of the platform was asked with the key of a run that is about this environment."""
    of_key = {str(record.run.idempotency_key): record.run for record in records.values()}
    for post in posts:
        assert post.idempotency_key, f"{post.path} was asked for without a key"
        run = of_key.get(post.idempotency_key)
        assert run is not None, f"{post.path} was asked for by nobody"
        assert run.change.environment.id in post.path, f"run #{run.id} reached {post.path}"


def check_shown(shown: list[Shown], records: dict[int, Record]) -> None:
    """No message is told of a run that is not written down, and none claims an end that the run has not."""
    for one in shown:
        assert one.run in records, f"run #{one.run} is shown and not written down"
        state = records[one.run].run.state
        if one.kind == "end":
            assert not state.is_open, f"run #{one.run} is told to have ended: {state.value}"
        elif one.kind == "card":
            assert one.claim in {None, state}, f"the card of run #{one.run} ({state.value}) says: {one.words}"


def find_doubles(shown: list[Shown]) -> list[str]:
    """The messages that stand more than once."""
    per_slot = Counter((one.run, one.kind) for one in shown)
    return [f"the {kind} of run #{run}" for (run, kind), count in per_slot.items() if count > 1]


def check_calm(shown: list[Shown], records: dict[int, Record], deleted: frozenset[int]) -> None:
    """When all is calm: each run has ended or waits for a decision, its card says so, and its end was told once.

    A card that somebody has `deleted` is shown again only if there is something new to show, and where it did not
    stand when the run ended, only the requester is told.
    """
    assert not find_doubles(shown), f"stands twice: {find_doubles(shown)}"
    for number, record in records.items():
        run = record.run
        assert not run.state.is_open or run.state is RunState.WAITING, f"run #{number}: {run.state.value}"
        cards = [one for one in shown if (one.run, one.kind) == (number, "card")]
        ends = [one for one in shown if (one.run, one.kind) == (number, "end")]
        waits = run.state is RunState.WAITING
        assert cards or number in deleted, f"run #{number} ({run.state.value}) has no card"
        for card in cards:
            assert waits == ("Approve" in card.buttons), f"run #{number} ({run.state.value}): {card}"
            assert waits == ("waits for approval" in card.words), f"run #{number} ({run.state.value}): {card}"
            assert card.claim is (None if waits else run.state), f"run #{number} ({run.state.value}): {card}"
        wanted = {0} if waits else {0, 1} if number in deleted else {1}
        assert len(ends) in wanted, f"run #{number} ({run.state.value}): {ends}"
        assert all(f"<@{run.requester}>" in end.words for end in ends)
