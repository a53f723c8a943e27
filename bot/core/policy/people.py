"""Whom a rule's people include: members by id, by group or as everyone; outsiders only by their id."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.policy.decisions import Membership, OutsiderReason, Person
from bot.core.rules import ApprovalRule, People


def find_outsider_reason(person: Person, membership: Membership) -> OutsiderReason | None:
    """Why a person does not belong to the team; None for a member."""
    if person.team_id != membership.home_team:
        return "foreign_team"
    if person.is_deactivated:
        return "deactivated"
    if person.is_bot:
        return "bot"
    return "guest" if person.is_guest else None


def includes(people: People, person: Person, membership: Membership) -> bool:
    """Whether a rule's people include this person: outsiders only by their id, and other teams' people never."""
    match find_outsider_reason(person, membership):
        case None:
            return membership.has(person, people)
        case "foreign_team":
            return False
        case _:
            return person.user_id in people.users


def may_vote(person: Person, approval_rule: ApprovalRule, membership: Membership) -> bool:
    """Whether this person is among the approvers. That nobody approves their own request is another question."""
    if any(is_barred(people, person, membership) for people in approval_rule.barred):
        return False
    return all(includes(one, person, membership) for one in (approval_rule.by, *approval_rule.also))


def as_escalated(rule: ApprovalRule) -> ApprovalRule:
    """The rule where nobody decided in time: those whom it names for that may decide as well."""
    return replace(rule, by=unite([rule.by, rule.escalate.to])) if rule.escalate else rule


def is_barred(people: People, person: Person, membership: Membership) -> bool:
    """Whether a deny rule's people include this person. Guests are part of everyone here, and of a group whose
    members could not be learned everybody is: in doubt, no."""
    return membership.has(person, people) or any(group not in membership.groups for group in people.groups)


def unite(peoples: Sequence[People]) -> People:
    """All these people as one; everyone swallows the other labels."""
    everyone = any(people.everyone for people in peoples)
    labels = dict.fromkeys(people.label for people in peoples if people.everyone or not everyone)
    return People(
        label=", ".join(labels),
        users=frozenset(user for people in peoples for user in people.users),
        groups=frozenset(group for people in peoples for group in people.groups),
        everyone=everyone,
    )


def intersect(peoples: Sequence[People]) -> People:
    """Whoever is in all of these, as far as ids and groups show it: nobody in them is kept out of any."""
    narrow = [people for people in peoples if not people.everyone]
    if not narrow:
        return peoples[0]
    return People(
        label=", ".join(dict.fromkeys(people.label for people in narrow)),
        users=frozenset.intersection(*(people.users for people in narrow)),
        groups=frozenset.intersection(*(people.groups for people in narrow)),
    )


def is_anybody(people: People) -> bool:
    """Whether somebody may be meant at all."""
    return people.everyone or bool(people.users or people.groups)
