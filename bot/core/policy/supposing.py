"""People who are only supposed, for decisions that nobody asks for: the rules' own tests, the matrix, the command line."""

from collections.abc import Collection

from bot.core.intents import Intent, ShowMay
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


def look_behind(intent: Intent, person: UserId) -> tuple[Intent, UserId]:
    """What a question is about and whom, else the ask as it stands: that asking is allowed is nothing worth knowing."""
    if isinstance(intent, ShowMay) and intent.asks is not None:
        return intent.asks, intent.who or person
    return intent, person
