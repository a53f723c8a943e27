"""What was promised, and what is not so: pure comparisons of what the database, the screens and the platform say."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.benchmarks.chaos.ledger import ApprovalRow, Books, RunRow, SlotRow
from tests.benchmarks.chaos.people import Ask, Decision, Seen
from tests.support.reading import JsonObject

DOUBLED = "asks with more than one action"
STRAY = "actions without a run"
ENDLESS = "runs without an end"
UNTRUE = "cards that differ from the truth 10 s after calm"
MISTOLD = "runs that say something else than the platform"
UNSHOWN = "accepted runs without a card"
TWO_CARDS = "duplicate cards"
TWO_PROGRESS = "duplicate progress messages"
TWO_ENDS = "duplicate end messages"
TWO_CALLS = "duplicate calls to approvers"
NO_END = "ended runs without an end message"
LOST_APPROVALS = "lost approvals"
UNANSWERED = "asks in calm without an answer"
BROKEN = "tracebacks of the bot's own in its log"

PROMISES = (
    DOUBLED,
    STRAY,
    ENDLESS,
    UNTRUE,
    MISTOLD,
    UNSHOWN,
    TWO_CARDS,
    TWO_PROGRESS,
    TWO_ENDS,
    TWO_CALLS,
    NO_END,
    LOST_APPROVALS,
    UNANSWERED,
    BROKEN,
)
"""What is counted, and has to be 0."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as promised."""

    promise: str
    words: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything there is to compare, after calm."""

    books: Books
    screens: Sequence[Seen]
    tasks: Sequence[JsonObject]
    asks: Sequence[Ask]


_TITLES: Mapping[str, tuple[str, ...]] = {
    "waiting": ("waits for approval",),
    "done": ("✓",),
    "failed": (" failed", "never started"),
    "cancelled": ("was cancelled",),
    "refused": ("was refused",),
    "declined": ("was declined",),
    "withdrawn": ("was withdrawn",),
    "expired": ("expired",),
    "dropped": ("was not sent",),
    "lost": ("outcome unknown", "not known", "unknown"),
}
"""What the first line of a card holds in each state (one of these); in others it must hold none of the final ones."""

_FINAL = tuple(word for state, words in _TITLES.items() if state != "lost" for word in words)

ENDS_OF_TASKS = {"completed": "done", "failed": "failed", "cancelled": "cancelled"}


def is_true(text: str, state: str) -> bool:
    """Whether a card's line of text tells this state."""
    expected = _TITLES.get(state)
    if expected is not None:
        return any(word in text for word in expected)
    return not any(word in text for word in _FINAL)


def find_all(evidence: Evidence) -> list[Finding]:
    """Everything that is not as promised, of what can be seen at one moment."""
    parts = (_actions, _ends, _duplicates, _telling)
    return [finding for part in parts for finding in part(evidence)]


def _actions(evidence: Evidence) -> Iterator[Finding]:
    """At most one action per ask, and none that nobody asked for."""
    run_by_key = {key: run for run in evidence.books.runs.values() for key in run.keys}
    ours = [task for task in evidence.tasks if task.get("idempotency_key")]
    for task in ours:
        if task["idempotency_key"] not in run_by_key:
            yield Finding(STRAY, f"task {task['id']} with key {task['idempotency_key']}")
    per_run = Counter(
        run_by_key[task["idempotency_key"]].id for task in ours if task["idempotency_key"] in run_by_key
    )
    per_ask = Counter(
        run_by_key[task["idempotency_key"]].request_key
        for task in ours
        if task["idempotency_key"] in run_by_key
    )
    for run_id, count in per_run.items():
        if count > 1:
            yield Finding(DOUBLED, f"run {run_id} was carried out {count} times")
    for key, count in per_ask.items():
        if count > 1:
            yield Finding(DOUBLED, f"the ask {key} was carried out {count} times")


def _ends(evidence: Evidence) -> Iterator[Finding]:
    """Every run has ended, and as its task has."""
    by_key = {task["idempotency_key"]: task for task in evidence.tasks if task.get("idempotency_key")}
    by_id: dict[str | None, JsonObject] = {task["id"]: task for task in evidence.tasks}
    for run in evidence.books.runs.values():
        if run.is_open:
            yield Finding(ENDLESS, f"run {run.id} is {run.state}")
            continue
        own = [by_key[key] for key in run.keys if key in by_key]
        yield from _compare_end(run, own[-1] if own else by_id.get(run.task_id))


def _compare_end(run: RunRow, task: JsonObject | None) -> Iterator[Finding]:
    if run.state == "lost":  # it says that the outcome is not known, which is never a lie
        return
    status = task["status"] if task else None
    expected = ENDS_OF_TASKS.get(str(status))
    claims_an_end = run.state in ENDS_OF_TASKS.values()
    if run.state != expected and (expected is not None or claims_an_end):
        yield Finding(MISTOLD, f"run {run.id} is {run.state}, its task {status}")


def _duplicates(evidence: Evidence) -> Iterator[Finding]:
    """One card, one progress message and one end message for each run, and one call on each occasion."""
    promises = {"card": TWO_CARDS, "progress": TWO_PROGRESS, "end": TWO_ENDS}
    promises |= {"reminder": TWO_CALLS, "escalation": TWO_CALLS}
    standing = Counter((seen.run, seen.slot) for seen in evidence.screens)
    for (run_id, slot), count in standing.items():
        kind = (slot or "").partition(" ")[0]  # a call may be the second one's, of what was asked anew
        if count > 1 and kind in promises:
            yield Finding(promises[kind], f"run {run_id} has {count}")


def _telling(evidence: Evidence) -> Iterator[Finding]:
    """Every run stands before people, as it is."""
    books = evidence.books
    standing = {(seen.run, seen.slot) for seen in evidence.screens}
    for run in books.runs.values():
        if (run.id, "card") not in standing and not _is_dead(books, run, "card"):
            yield Finding(UNSHOWN, f"run {run.id}, {run.state}")
        if not run.is_open and (run.id, "end") not in standing and not _is_dead(books, run, "end"):
            yield Finding(NO_END, f"run {run.id}, {run.state}")
    yield from find_untrue(books, evidence.screens)


def _is_dead(books: Books, run: RunRow, kind: str) -> bool:
    """Whether Slack would not take it, or not take the card that it would hang under; the person was told alone then."""
    slots = [books.slots.get((run.id, kind)), books.slots.get((run.id, "card"))]
    return any(slot is not None and slot.is_dead for slot in slots)


def find_untrue(books: Books, cards: Iterable[Seen]) -> list[Finding]:
    """Cards whose words are not their run's. Where two stand, the one that the bot knows of has to be true.

    One that Slack does not let the bot edit, in an archived channel say, is not counted: it is tried again each minute.
    """
    found = []
    for seen in cards:
        run = books.runs.get(seen.run or 0)
        slot = books.slots.get((seen.run or 0, "card"))
        if seen.slot != "card" or (slot is not None and not _has_to_be_true(slot, seen)):
            continue
        if run is None:
            found.append(Finding(UNTRUE, f"a card of run {seen.run}, which is not in the history"))
        elif not is_true(seen.text, run.state):
            found.append(Finding(UNTRUE, f"run {run.id} is {run.state}, its card says: {seen.text[:90]}"))
    return found


def _has_to_be_true(slot: SlotRow, seen: Seen) -> bool:
    """A card of which the bot no longer knows where it stands has to be true as well, dead or not."""
    return slot.ts is None or (slot.ts == seen.ts and not slot.is_dead)


def find_lost_decisions(books: Books, decisions: Iterable[Decision]) -> list[Finding]:
    """Forms that closed before somebody's eyes as if they had counted, of runs that still wait."""
    by_handle = {run.handle: run for run in books.runs.values()}
    deciding = (one for one in decisions if one.is_taken and one.kind in {"typed_modal", "decline_modal"})
    taken = {(by_handle[one.handle].id, one.kind, one.took) for one in deciding if one.handle in by_handle}
    return [
        Finding(LOST_APPROVALS, f"run {run_id} still waits after its {kind} was taken, in {took:.0f} ms")
        for run_id, kind, took in sorted(taken)
        if books.runs[run_id].state == "waiting"
    ]


def find_lost_approvals(before: Mapping[int, ApprovalRow], after: Books) -> list[Finding]:
    """Approvals that waited before a kill and are gone after it, or have another expiry, or were decided by nobody.

    What was asked anew, because the rules changed, has a time of its own.
    """
    found: list[Finding] = []
    for run_id, approval in before.items():
        now = after.approvals.get(run_id)
        if now is None or run_id not in after.runs:
            found.append(Finding(LOST_APPROVALS, f"the approval of run {run_id} is gone"))
        elif now.expires_at != approval.expires_at and now.renewed_at == approval.renewed_at:
            found.append(Finding(LOST_APPROVALS, f"the approval of run {run_id} has another expiry now"))
    granted = (one for one in after.approvals.values() if one.state == "granted")
    stuck = (one.run_id for one in granted if after.runs[one.run_id].state == "waiting")
    return found + [Finding(LOST_APPROVALS, f"run {run_id} waits though it was granted") for run_id in stuck]
