"""What may happen to an approval. `advance` is the one place that changes one.

    waiting ──approve, the last that was needed──▶ granted
       ├──decline────────────────────────────────▶ declined
       ├──decline, by the requester──────────────▶ withdrawn
       ├──expire─────────────────────────────────▶ expired
       └──approve, one of several · claim · unclaim · remind · escalate · renew · show again──▶ waiting

Nothing moves what is decided, and nothing but its end what is out of time. Whether somebody may do what they do is
judged before (`votes`); that two presses in the same instant move it once is the store's guarded UPDATE.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.core.approvals.states import Approval, ApprovalState
from bot.core.facts import ApprovalDeclined, ApprovalExpired, ApprovalGranted, ApprovalMoved
from bot.core.intents import Change
from bot.core.names import UserId
from bot.core.rules import ApprovalRule


@dataclass(frozen=True, slots=True)
class Approve:
    """Somebody who may approves. Another time it changes nothing, nor does it where they may not agree with themselves.

    `lost` have approved before, and may not any more: their votes count no longer.
    """

    by: UserId
    lost: tuple[UserId, ...] = ()


@dataclass(frozen=True, slots=True)
class Decline:
    """Somebody who may declines, which ends it, whoever has approved; by the requester it is a withdrawal."""

    by: UserId
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody who may decide says that they are looking, in the place of whoever did before."""

    by: UserId


@dataclass(frozen=True, slots=True)
class Unclaim:
    """Whoever was looking no longer is."""

    by: UserId


@dataclass(frozen=True, slots=True)
class Remind:
    """The approvers are called at half-time; or it is night for all of them, and they will be at `again_at`."""

    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Escalate:
    """Others may decide as well from now on. They are called; or they sleep, and will be at `again_at`."""

    again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Renew:
    """The rules changed: by the new ones it is asked anew, and nobody has approved it yet."""

    rule: ApprovalRule
    change: Change
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ShowAgain:
    """Nothing but that its card is to be drawn again, wherever that has gone."""


@dataclass(frozen=True, slots=True)
class Expire:
    """Its time may be over."""


Move = Approve | Decline | Claim | Unclaim | Remind | Escalate | Renew | ShowAgain | Expire


def advance(approval: Approval, move: Move, now: datetime) -> Approval:
    """The approval after this move, one version on; the same, untouched, where the move does not apply."""
    if approval.state is not ApprovalState.WAITING or (now >= approval.expires_at) != isinstance(
        move, Expire
    ):
        return approval
    changed = _apply(approval, move, now)
    if changed == approval and not isinstance(move, ShowAgain):
        return approval
    if changed.state is not ApprovalState.WAITING:
        changed = replace(changed, claimed_by=None, claimed_at=None, decided_at=now)
    return replace(changed, version=approval.version + 1)


def _apply(approval: Approval, move: Move, now: datetime) -> Approval:
    match move:
        case Approve() | Decline() | Expire():
            return _decide(approval, move)
        case Claim(by):
            return replace(approval, claimed_by=by, claimed_at=now)
        case Unclaim(by):
            return _without_claim_of(approval, by)
        case Remind(again_at):
            if again_at is not None:
                return replace(approval, remind_at=again_at, reminded_at=None)
            return replace(approval, reminded_at=approval.reminded_at or now)
        case Escalate(again_at):
            return replace(approval, escalated_at=approval.escalated_at or now, escalate_at=again_at)
        case Renew():
            return _renew(approval, move, now)
        case ShowAgain():
            return approval


def _decide(approval: Approval, move: Approve | Decline | Expire) -> Approval:
    match move:
        case Approve(by, lost):
            return _approve(approval, by, lost)
        case Decline(by, reason):
            is_own = by == approval.requester
            state = ApprovalState.WITHDRAWN if is_own else ApprovalState.DECLINED
            return replace(approval, state=state, decided_by=by, reason=reason)
        case Expire():
            return replace(approval, state=ApprovalState.EXPIRED)


def _approve(approval: Approval, by: UserId, lost: tuple[UserId, ...]) -> Approval:
    is_own = by == approval.requester and not approval.requester_may_approve
    if is_own or by in approval.consents:
        return approval
    consents = (*(one for one in approval.consents if one not in lost), by)
    approved = replace(_without_claim_of(approval, by), consents=consents)
    if approved.missing:
        return approved
    return replace(approved, state=ApprovalState.GRANTED, decided_by=by)


def _without_claim_of(approval: Approval, by: UserId) -> Approval:
    return approval if approval.claimed_by != by else replace(approval, claimed_by=None, claimed_at=None)


def _renew(approval: Approval, anew: Renew, now: datetime) -> Approval:
    """What was asked, put to those who may decide it by the new rules, with the whole time that these give them.

    Calls by the old rules are over. By the new ones it has a half-time of its own.
    """
    if anew.fingerprint == approval.fingerprint:
        return approval
    cleared = replace(
        approval,
        consents=(),
        claimed_by=None,
        claimed_at=None,
        reminded_at=None,
        renewed_at=now,
        asking=approval.asking + 1,
    )
    return put_to_approvers(cleared, anew.rule, anew.change, anew.fingerprint, now)


def as_fact(approval: Approval) -> ApprovalGranted | ApprovalDeclined | ApprovalExpired | ApprovalMoved:
    """What an approval means to its run, as it stands after a move."""
    match approval.state, approval.decided_by:
        case ApprovalState.GRANTED, _:
            return ApprovalGranted(approval.consents)
        case ((ApprovalState.DECLINED | ApprovalState.WITHDRAWN), str(by)):
            return ApprovalDeclined(by, approval.reason)
        case ApprovalState.EXPIRED, _:
            return ApprovalExpired()
        case _:
            return ApprovalMoved(
                approval.version,
                approval.asking,
                is_reminded=approval.reminded_at is not None,
                is_escalated=approval.escalated_at is not None and approval.escalate_at is None,
            )


def put_to_approvers(
    approval: Approval, rule: ApprovalRule, change: Change, fingerprint: str, now: datetime
) -> Approval:
    """The approval as its rule wants it: who decides, how many, how, until when, and who is called meanwhile."""
    escalate = rule.escalate
    return replace(
        approval,
        approvers=rule.by.label,
        rule_path=rule.source.path,
        rule_line=rule.source.line,
        fingerprint=fingerprint,
        needed=rule.count,
        typed=change.destroys_data or change.word in rule.typed,
        requester_may_approve=rule.requester_may_approve,
        expires_at=now + rule.expires,
        remind_at=now + rule.expires / 2,
        escalate_to=escalate.to.label if escalate else None,
        escalate_at=now + escalate.after if escalate else None,
        escalated_at=None,
    )
