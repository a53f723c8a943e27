"""People who are only supposed, for decisions that nobody asks for: the rules' own tests, the matrix, the command line."""

from collections.abc import Collection

from bot.core.names import GroupId, TeamId, UserId
from bot.core.policy.decisions import Membership, Person
from bot.core.rules import Rules

_HOME = TeamId("T0")


def suppose(
    user_id: UserId, groups: Collection[GroupId], rules: Rules, *, is_guest: bool = False
) -> tuple[Person, Membership]:
    """Somebody of the team who is in these groups alone, and what is known then: of every group, whether they are in."""
    members = {group: frozenset({user_id} if group in groups else ()) for group in rules.groups()}
    return Person(user_id, _HOME, is_guest=is_guest), Membership(_HOME, members)
