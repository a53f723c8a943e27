"""A plea: somebody who may not do something asks those who may. open → taken, withdrawn or expired.

Whoever presses its button asks for the same as themselves, and is judged as if they had typed it: a plea gives nobody a
right. It leads to one run at most, for that run's request key is the plea's own, and request keys are unique.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from bot.core.intents import Change
from bot.core.names import ButtonId, ChannelId, PleaNumber, RequestKey, RunId, TeamId, UserId
from bot.core.policy import Denied, Membership, Person, find_outsider_reason, who_may
from bot.core.policy.judgement import covers, decide_change
from bot.core.reminders import is_asleep
from bot.core.rules import People, Rules, RuleSource
from bot.core.runs import Run

OPEN_FOR = timedelta(hours=1)
"""How long a plea waits for somebody, and how long it counts against the next."""

MOST_PLEAS = 3
"""So many pleas one person may make in that time, but for those that somebody took on: each calls people."""

MOST_IN_CHANNEL = 6
"""So many pleas one channel is shown in that time, whoever makes them, but for those that somebody took on."""

MOST_CALLED = 10
"""So many people one plea calls, each by name: a group would be called by day and by night."""

MOST_CANDIDATES = 30
"""Of so many people at most it is found out whether they may be called."""

UNNUMBERED = PleaNumber(0)
"""The number of a plea that is not recorded yet."""

_KEY = "plea:"


class PleaState(Enum):
    """Where a plea stands. One for which no channel could be found is withdrawn too."""

    OPEN = "open"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Opening:
    """A channel from which somebody may, by this rule: who is told there, as the rules name them.

    `users` are those who could be called by name; once `call` has judged them, those who are. It `is_night` where
    nobody is because all of them sleep.
    """

    channel_id: ChannelId
    to: str
    rule: RuleSource
    users: tuple[UserId, ...] = ()
    is_night: bool = False


@dataclass(frozen=True, slots=True)
class Plea:
    """One plea. It stands in the first of `openings`; the others are tried where that channel does not take it.

    `number` tells its messages from others' and is given when it is recorded. `version` grows with every change.
    """

    id: ButtonId
    by: UserId
    team_id: TeamId
    change: Change
    asked_in: ChannelId
    openings: tuple[Opening, ...]
    asked_at: datetime
    expires_at: datetime
    number: PleaNumber = UNNUMBERED
    state: PleaState = PleaState.OPEN
    taken_by: UserId | None = None
    run_id: RunId | None = None
    version: int = 1

    @property
    def opening(self) -> Opening:
        """Where it stands, or is to stand."""
        return self.openings[0]


@dataclass(frozen=True, slots=True)
class SamePlea:
    """The same person asks for the same already, by this plea; or somebody took it on, and is not done with it."""

    plea: Plea


@dataclass(frozen=True, slots=True)
class PersonAskedOften:
    """This person has asked others as often as they may; until this moment."""

    until: datetime


@dataclass(frozen=True, slots=True)
class ChannelAskedOften:
    """The people of this channel have been asked as often as they may be; until this moment."""

    channel_id: ChannelId
    until: datetime


PleaObstacle = SamePlea | PersonAskedOften | ChannelAskedOften
"""What stands in the way of one more plea."""


def key_of(plea_id: ButtonId) -> RequestKey:
    """The request key of the one run that a plea may lead to."""
    return RequestKey(f"{_KEY}{plea_id}")


def find_plea_id(key: RequestKey) -> ButtonId | None:
    """The plea that an ask answers, if it answers one: keys of what people type or press begin otherwise."""
    return ButtonId(key.removeprefix(_KEY)) if key.startswith(_KEY) else None


def find_pleader(run: Run) -> UserId | None:
    """Whoever had asked others for what this run does; None where its requester wanted it themselves."""
    return run.followers[0] if find_plea_id(run.request_key) is not None and run.followers else None


def find_openings(
    change: Change, by: UserId, asked_in: ChannelId, rules: Rules, membership: Membership
) -> tuple[Opening, ...]:
    """The channels from which somebody else may do this: first the one it was asked in, then in the file's order."""
    found: dict[str, Opening] = {}
    for way in who_may(change, rules):
        channel_id = ChannelId(way.channel_id)
        barred = [right.who for right in rules.channels[channel_id] if right.deny and covers(right, change)]
        opening = _open(channel_id, way.people, way.rule, barred, by, membership)
        if opening is not None:
            found[channel_id] = _unite(found[channel_id], opening) if channel_id in found else opening
    return tuple(sorted(found.values(), key=lambda opening: opening.channel_id != asked_in))


def call(
    opening: Opening,
    candidates: Sequence[Person],
    change: Change,
    rules: Rules,
    membership: Membership,
    now: datetime,
) -> Opening:
    """The opening as it calls people: those of the candidates who may do it there, and for whom it is not night."""
    able = [
        one
        for one in candidates
        if not one.is_deactivated
        and not isinstance(decide_change(change, one, opening.channel_id, rules, membership), Denied)
    ]
    awake = tuple(one.user_id for one in able if not is_asleep(one, rules.quiet, now))
    return replace(opening, users=awake[:MOST_CALLED], is_night=bool(able) and not awake)


def may_plead(
    change: Change, person: Person, asked_in: ChannelId, rules: Rules, membership: Membership
) -> bool:
    """Whether this person may ask others to do this: people of the team only, and where somebody may."""
    if find_outsider_reason(person, membership) is not None:
        return False
    return bool(find_openings(change, person.user_id, asked_in, rules, membership))


def take(plea: Plea, by: UserId, run_id: RunId) -> Plea:
    """Somebody asked for it: it is theirs now."""
    return replace(plea, state=PleaState.TAKEN, taken_by=by, run_id=run_id, version=plea.version + 1)


def withdraw(plea: Plea) -> Plea:
    """Nobody is asked any more."""
    return replace(plea, state=PleaState.WITHDRAWN, version=plea.version + 1)


def expire(plea: Plea, now: datetime) -> Plea | None:
    """The plea as expired; None while it is not, or no longer, time for that."""
    if plea.state is not PleaState.OPEN or now < plea.expires_at:
        return None
    return replace(plea, state=PleaState.EXPIRED, version=plea.version + 1)


def move_on(plea: Plea, full: Collection[ChannelId] = ()) -> Plea:
    """The plea for the next channel that is not full, where this one does not take it; withdrawn if there is none."""
    left = tuple(opening for opening in plea.openings[1:] if opening.channel_id not in full)
    return replace(plea, openings=left, version=plea.version + 1) if left else withdraw(plea)


def find_obstacle(
    plea: Plea, recent: Sequence[Plea], open_runs: Collection[RunId] = ()
) -> PleaObstacle | None:
    """What stands in the way of this plea, given everybody's of the last hour, oldest first, and the runs under way."""
    own = [one for one in recent if one.by == plea.by]
    for one in own:
        stands = one.state is PleaState.OPEN or one.run_id in open_runs
        if stands and _wish(one) == _wish(plea):
            return SamePlea(one)
    until = _find_end(own, MOST_PLEAS)
    if until is not None:
        return PersonAskedOften(until)
    there = plea.opening.channel_id
    until = _find_end(_of_channel(recent, there), MOST_IN_CHANNEL)
    return None if until is None else ChannelAskedOften(there, until)


def find_full_channels(recent: Sequence[Plea]) -> frozenset[ChannelId]:
    """The channels that are shown no more pleas for now, given everybody's of the last hour, oldest first."""
    channels = {one.opening.channel_id for one in recent}
    return frozenset(
        channel_id
        for channel_id in channels
        if _find_end(_of_channel(recent, channel_id), MOST_IN_CHANNEL) is not None
    )


def _wish(plea: Plea) -> tuple[object, ...]:
    """What is asked for; an environment may be known by more, or by another name, than a moment ago."""
    change = plea.change
    return change.environment.id, change.action, change.mode, frozenset(change.modules)


def _of_channel(recent: Sequence[Plea], channel_id: ChannelId) -> list[Plea]:
    return [one for one in recent if one.opening.channel_id == channel_id]


def _find_end(earlier: Sequence[Plea], most: int) -> datetime | None:
    """When there may be one more than these, of which so many are allowed in an hour; None for at once."""
    counted = [one.asked_at for one in earlier if one.state is not PleaState.TAKEN]
    return counted[-most] + OPEN_FOR if len(counted) >= most else None


def _open(
    channel_id: ChannelId,
    people: People,
    rule: RuleSource,
    barred: Sequence[People],
    by: UserId,
    membership: Membership,
) -> Opening | None:
    """A channel where these people may, without those whom a deny rule keeps from it; None if that leaves nobody."""
    if any(group not in membership.groups for who in barred for group in who.groups):
        return None  # of a group whose members could not be learned everybody is: see `is_barred`
    out = {by}.union(*(who.users for who in barred))
    out |= {user for who in barred for group in who.groups for user in membership.groups.get(group, ())}
    members = {user for group in people.groups for user in membership.groups.get(group, ())}
    users = tuple(sorted((people.users | members) - out))
    if not (users or people.everyone or people.groups - membership.groups.keys()):
        return None
    # everyone is called by nobody's name
    return Opening(channel_id, people.label, rule, () if people.everyone else users[:MOST_CANDIDATES])


def _unite(one: Opening, other: Opening) -> Opening:
    """Both ways of one channel as one, by the first of their rules."""
    if "everyone" in {one.to, other.to}:
        return replace(one, to="everyone", users=())
    labels = dict.fromkeys([*one.to.split(", "), *other.to.split(", ")])
    return replace(
        one,
        to=", ".join(labels),
        users=tuple(dict.fromkeys([*one.users, *other.users]))[:MOST_CANDIDATES],
    )
