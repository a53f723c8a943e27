"""People as the rules name them. Nobody is notified by a name, nor by an id where all may see it: that stands as it is."""

import re
from collections.abc import Callable, Iterable, Sequence

from bot.core.names import UserId
from bot.core.rules import ALSO_AMONG, People
from bot.views.marked import Marked, bold, code, group, joined, mention, plain, say

_USER = re.compile(r"(?=[A-Z0-9]*\d)[UW][A-Z0-9]{4,20}")
_GROUP = re.compile(r"(?=[A-Z0-9]*\d)S[A-Z0-9]{4,20}")
_NAMES_SHOWN = 10


def say_label(label: str) -> Marked:
    """People by their label, for all to see: a mention would call them, a whole group even, and at any hour."""
    return _say_label(label, code)


def _say_label(label: str, say_id: Callable[[str], Marked]) -> Marked:
    said = [_say_names(names.split(","), say_id) for names in label.split(ALSO_AMONG)]
    return joined(said, ALSO_AMONG) or plain(label)


def _say_names(names: Sequence[str], say_id: Callable[[str], Marked]) -> Marked:
    """So many names as one still reads, and how many more there are."""
    shown = joined([_say_one(name.strip(), say_id) for name in names[:_NAMES_SHOWN]], ", ")
    more = len(names) - _NAMES_SHOWN
    return say("{} and {} more", shown, more) if more > 0 else shown


def _say_one(name: str, say_id: Callable[[str], Marked]) -> Marked:
    return say_id(name) if _is_id(name) else plain(name, limit=60)


def _say_meant(id_: str) -> Marked:
    return mention(id_) if _USER.fullmatch(id_) else group(id_)


def _is_id(name: str) -> bool:
    return bool(_USER.fullmatch(name) or _GROUP.fullmatch(name))


def say_approvers(label: str, *, count: int = 1, more: bool = False) -> Marked:
    """Who must approve, to go on from "needs": `one of *releasers*`, `2 more of the team`."""
    number = "one" if count == 1 else str(count)
    if label != "everyone":
        return say("{} of {}", f"{number} more" if more else number, bold(say_label(label)))
    if more:
        return say("{} more of the team", number)
    return Marked("anybody else of the team") if count == 1 else say("{} others of the team", number)


def say_unmentioned(label: str | None) -> Marked:
    """People by their label where nobody must be notified: whom ids mean is left open."""
    parts = [part.strip() for part in (label or "").split(",")]
    if not any(parts) or any(map(_is_id, parts)):
        return Marked("Others")
    return Marked("Everyone of the team") if label == "everyone" else bold(say_label(label or ""))


def say_people(people: People) -> Marked:
    """People in a private answer: `*releasers*`, or everyone. Ids become the people, for nobody can read ids."""
    return Marked("Everyone of the team") if people.everyone else bold(_say_label(people.label, _say_meant))


def say_each(user_ids: Sequence[UserId]) -> Marked:
    """These people one by one: `@ana`, `@ana and @ben`, `@ana, @ben and @eva`."""
    *first, last = [mention(one) for one in user_ids]
    return say("{} and {}", joined(first, ", "), last) if first else last


def say_everyone(user_ids: Iterable[str | None]) -> Marked:
    """These people, each once, in this order: they are notified."""
    return joined([mention(one) for one in dict.fromkeys(one for one in user_ids if one)], " ")
