"""People as the rules name them. A name notifies nobody; an id is shown as the person it means."""

import re
from collections.abc import Iterable, Sequence

from bot.core.names import UserId
from bot.core.rules import ALSO_AMONG, People
from bot.views.marked import Marked, bold, group, joined, mention, plain, say

_USER = re.compile(r"(?=[A-Z0-9]*\d)[UW][A-Z0-9]{4,20}")
_GROUP = re.compile(r"(?=[A-Z0-9]*\d)S[A-Z0-9]{4,20}")


def say_label(label: str) -> Marked:
    """People by their label; ids written in its place become the people, for nobody can read ids."""
    said = [_say_names(names) for names in label.split(ALSO_AMONG)]
    return joined(said, ALSO_AMONG) or plain(label)


def say_approvers(label: str, *, count: int = 1, more: bool = False) -> Marked:
    """Who must approve, to go on from "needs": `one of *releasers*`, `2 more of the team`."""
    number = "one" if count == 1 else str(count)
    if label != "everyone":
        return say("{} of {}", f"{number} more" if more else number, bold(say_label(label)))
    if more:
        return say("{} more of the team", number)
    return Marked("anybody else of the team") if count == 1 else say("{} others of the team", number)


def _say_names(names: str) -> Marked:
    return joined([_say_one(part) for part in names.split(",")[:10]], ", ")


def _say_one(part: str) -> Marked:
    name = part.strip()
    if _USER.fullmatch(name):
        return mention(name)
    return group(name) if _GROUP.fullmatch(name) else plain(name, limit=60)


def say_unmentioned(label: str | None) -> Marked:
    """People by their label where nobody must be notified: whom ids mean is left open."""
    parts = [part.strip() for part in (label or "").split(",")]
    if not any(parts) or any(_USER.fullmatch(part) or _GROUP.fullmatch(part) for part in parts):
        return Marked("Others")
    return Marked("Everyone of the team") if label == "everyone" else bold(say_label(label or ""))


def say_people(people: People) -> Marked:
    """People in a private answer: `*releasers*`, or everyone."""
    return Marked("Everyone of the team") if people.everyone else bold(say_label(people.label))


def say_each(user_ids: Sequence[UserId]) -> Marked:
    """These people one by one: `@ana`, `@ana and @ben`, `@ana, @ben and @eva`."""
    *first, last = [mention(one) for one in user_ids]
    return say("{} and {}", joined(first, ", "), last) if first else last


def say_everyone(user_ids: Iterable[str | None]) -> Marked:
    """These people, each once, in this order: they are notified."""
    return joined([mention(one) for one in dict.fromkeys(one for one in user_ids if one)], " ")
