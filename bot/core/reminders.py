"""Who is called while nobody decides: the approvers at half-time, others after that. Each once, and nobody at night. Pure.

What is asked anew, for the rules have changed, has its calls anew: those of before were by other rules, and are over.

Where somebody is looking into it, only they are called at half-time. Where it is night for everybody who could be, the
call waits for the first of them, if that is before the approval's end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import Enum
from zoneinfo import ZoneInfo

from bot.core.approvals import Approval, ApprovalState, Escalate, Remind, find_claimant
from bot.core.entries import ApprovalEscalated, ApprovalRenewed, ApproversReminded, RecordedEntry
from bot.core.names import UserId
from bot.core.policy import Membership, Person, may_vote
from bot.core.rules import ApprovalRule, People, QuietHours

MOST_CALLED = 30
"""Of so many people at most it is found out whether they may be called: more are no call any more, but a crowd."""


class Occasion(Enum):
    """Why people are called."""

    HALF_TIME = "half_time"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Call:
    """Whom to call now; none where there is nobody to be called by name. For the others it is night."""

    called: tuple[UserId, ...]
    asleep: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """It is night for everybody who could be called: until then, or until the approval's end."""

    until: datetime
    asleep: tuple[UserId, ...]


CallEntry = ApproversReminded | ApprovalEscalated
"""What is recorded of a call, or of a night, on each of the two occasions."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A call or a night that was planned, as it is remembered, and when that was."""

    entry: CallEntry
    at: datetime

    @property
    def call(self) -> Call:
        """Whom it was to."""
        return Call(self.entry.called, self.entry.asleep)


def find_planned(entries: Iterable[RecordedEntry], occasion: Occasion, asking: int) -> Planned | None:
    """What was planned last for this occasion, since it was asked for the `asking`th time. `entries` come oldest first."""
    kind = ApproversReminded if occasion is Occasion.HALF_TIME else ApprovalEscalated
    newest, at_asking = None, 1
    for one in entries:
        if isinstance(one.entry, ApprovalRenewed):
            at_asking += 1
        elif isinstance(one.entry, kind) and at_asking == asking:
            newest = Planned(one.entry, one.at)
    return newest


def find_due(approval: Approval, now: datetime) -> tuple[Occasion, ...]:
    """What people are to be called for now. Whatever else is due when its time is over, then it is just over."""
    if approval.state is not ApprovalState.WAITING or now >= approval.expires_at:
        return ()
    remind_at = approval.remind_at if approval.reminded_at is None else None
    moments = {Occasion.HALF_TIME: remind_at, Occasion.ESCALATION: approval.escalate_at}
    return tuple(occasion for occasion, at in moments.items() if at is not None and at <= now)


def find_candidates(
    approval: Approval, people: People, membership: Membership, *, before: Iterable[UserId] = ()
) -> tuple[UserId, ...]:
    """Whom to look up. `before` were called on the other occasion, and are not again.

    Everyone of the team is nobody to be called by name; who is looking comes first.
    """
    groups = (membership.groups.get(group, frozenset()) for group in people.groups)
    named = frozenset[UserId]() if people.everyone else people.users.union(*groups)
    out = {approval.requester, *approval.consents, *before}
    claimed = {approval.claimed_by} if approval.claimed_by is not None else set()
    found = sorted((named | claimed) - out, key=lambda user: (user != approval.claimed_by, user))
    return tuple(found[:MOST_CALLED])


def plan_call(
    approval: Approval,
    occasion: Occasion,
    candidates: Sequence[Person],
    *,
    rule: ApprovalRule,
    membership: Membership,
    quiet: QuietHours,
    now: datetime,
) -> Call | Night:
    """Whom of the candidates to call now, by the rules of this moment (`rule` is the one that holds now)."""
    out = {approval.requester, *approval.consents}
    able = [
        one
        for one in candidates
        if one.user_id not in out and not one.is_deactivated and may_vote(one, rule, membership)
    ]
    claimant = [one for one in able if one.user_id == find_claimant(approval, now)]
    if occasion is Occasion.HALF_TIME and claimant and not is_asleep(claimant[0], quiet, now):
        able = claimant
    awake = tuple(one.user_id for one in able if not is_asleep(one, quiet, now))
    asleep = [one for one in able if is_asleep(one, quiet, now)]
    asleep_ids = tuple(one.user_id for one in asleep)
    if awake or not asleep:
        return Call(awake, asleep_ids)
    wakes_at = min(find_morning(one, quiet, now) for one in asleep)
    return Night(min(wakes_at, approval.expires_at), asleep_ids)


def as_move(occasion: Occasion, plan: Call | Night) -> Remind | Escalate:
    """What a call is to its approval. In a night it is put off, though others may decide from their moment on."""
    again_at = plan.until if isinstance(plan, Night) else None
    return Remind(again_at) if occasion is Occasion.HALF_TIME else Escalate(again_at)


def find_half_time(approval: Approval) -> datetime:
    """The middle of the time that people have to decide."""
    begins_at = approval.renewed_at or approval.asked_at
    return begins_at + (approval.expires_at - begins_at) / 2


def is_put_off(approval: Approval) -> bool:
    """Whether the approvers would have been called, but that it is night for all of them."""
    if approval.remind_at is None or approval.reminded_at is not None:
        return False
    return approval.remind_at > find_half_time(approval)


def is_asleep(person: Person, quiet: QuietHours, now: datetime) -> bool:
    """Whether it is night where this person lives. Of a place that nobody knows, it is not said."""
    zone = _find_zone(person.time_zone)
    return zone is not None and quiet.include(now.astimezone(zone).time())


def find_morning(person: Person, quiet: QuietHours, now: datetime) -> datetime:
    """When this person's night is over; now, if it is not night."""
    zone = _find_zone(person.time_zone)
    if zone is None or not quiet.include(now.astimezone(zone).time()):
        return now
    return next(at for at in _mornings(quiet, zone, now) if at > now and not is_asleep(person, quiet, at))


def _mornings(quiet: QuietHours, zone: tzinfo, now: datetime) -> Iterator[datetime]:
    """The ends of this night and the next ones, in order. Where a clock is put back, one hour comes twice."""
    today = now.astimezone(zone).date()
    for days in range(4):
        for fold in (0, 1):
            end = datetime.combine(today + timedelta(days=days), quiet.end, tzinfo=zone)
            yield end.replace(fold=fold).astimezone(now.tzinfo)


def _find_zone(name: str | None) -> tzinfo | None:
    """A time zone by its IANA name; None for what is not one. The table of them is the machine's."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of the table
        return None
