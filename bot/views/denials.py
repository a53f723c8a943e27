"""Why the rules do not let somebody do something: the words for each reason of a denial, wherever it is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.core.policy import Lacking
from bot.views.marked import Marked, channel, code, joined, say


@dataclass(frozen=True, slots=True)
class _Words:
    """One reason: to whoever asked, beside what they asked; where that was said before, to them and of somebody else.

    `nobody` is what to do where no rule lets anybody do it; people outside the team get that with the reason.
    """

    refusal: str
    own: str
    other: str
    nobody: str | None = None


_KEEPERS = "The operators keep the rules."
_FOREIGN = "You belong to another workspace, and only people of this one may use me. Ask one of them."
_GUEST = (
    "You are a guest here, and guests may do only what a rule allows them by their id. "
    "Ask somebody of the team to do it, or the operators for such a rule."
)
_BOT = f"Bots may do only what a rule allows them by their id. {_KEEPERS}"
_DEACTIVATED = "Your account is deactivated. Ask somebody of the team to do it."
_NO_CHANNEL = "No rule speaks of {channel}, so nothing can be asked for there."
_PROTECTED = "The environment is protected, and only a rule that says `reinit` allows this."
_NOT_NAMED = "No rule of this channel names that environment."

REASONS: Mapping[str, _Words] = {
    "foreign_team": _Words(
        _FOREIGN, _FOREIGN, "They belong to another workspace, and only people of this one may use me."
    ),
    "guest": _Words(
        _GUEST, _GUEST, "They are a guest, and guests may do only what a rule allows them by their id."
    ),
    "bot": _Words(_BOT, _BOT, "They are a bot, and bots may do only what a rule allows them by their id."),
    "deactivated": _Words(_DEACTIVATED, _DEACTIVATED, "Their account is deactivated."),
    "channel_without_rules": _Words(
        _NO_CHANNEL, _NO_CHANNEL, _NO_CHANNEL, f"Ask in a channel that the rules speak of. {_KEEPERS}"
    ),
    "no_rule": _Words(
        "You may not {what} from {channel}.",
        "No line of {channel} lets you.",
        "No line of {channel} lets them.",
        f"No rule lets anybody do it. {_KEEPERS}",
    ),
    "deny_rule": _Words(
        "You may not {what} from {channel}: a rule forbids it.",
        "A rule forbids it.",
        "A rule forbids it.",
        f"No rule lets anybody do it elsewhere. {_KEEPERS}",
    ),
    "protected": _Words(
        "You may not {what}: the environment is protected, and only a rule that says `reinit` allows this.",
        _PROTECTED,
        _PROTECTED,
        f"No rule lets anybody do it. {_KEEPERS}",
    ),
    "not_visible": _Words(
        "Nothing is shown in {channel} for {what}: no rule of this channel names that environment.",
        _NOT_NAMED,
        _NOT_NAMED,
        f"Ask in a channel whose rules name it, or look at what there is here: `/oec status`. {_KEEPERS}",
    ),
}
"""The words of every reason that the policy can give."""

_WITHHELD = f"Who may is told to people of this team only: ask one of them. {_KEEPERS}"


def say_refusal(reason: str, what: str, channel_id: str) -> Marked:
    """Why this may not be done; `what` is as typed."""
    words = _find(reason).refusal
    return Marked(words.format(what=code(what, limit=120), channel=channel(channel_id)))


def say_reason(reason: str, channel_id: str, *, is_own: bool) -> Marked:
    """Why something may not be done, where what it is and by whom was said before; `is_own` by the reader."""
    words = _find(reason)
    return Marked((words.own if is_own else words.other).format(channel=channel(channel_id)))


def say_nobody(reason: str, *, withheld: bool) -> Marked | None:
    """What to do where nobody is named who may: nobody may, or it is `withheld` who."""
    nobody = _find(reason).nobody
    return Marked(_WITHHELD if withheld else nobody) if nobody else None


def say_lacking(lacking: Lacking | None, *, is_own: bool) -> Marked | None:
    """Which part of what was refused is not allowed, and what can be done without it."""
    if lacking is None:
        return None
    words, missing = ([code(word) for word in some] for some in (lacking.words, lacking.missing))
    said = say(
        "It is {} at once, and {} may not {}.",
        joined(words, " and "),
        "you" if is_own else "they",
        joined(missing, " or "),
    )
    instead = Marked("Naming the modules, instead of all, takes `deploy` alone.")
    return joined([said, instead if "deploy" not in lacking.missing else None], " ")


def describe_reason(reason: str, channel_id: str) -> str:
    """The same of somebody else as a clause for a terminal: `no line of C0DEPLOYS lets them`."""
    said = _find(reason).other.format(channel=channel_id).removesuffix(".")
    return said[:1].lower() + said[1:]


def _find(reason: str) -> _Words:
    """The words of a reason of the policy; the history may hold others, of earlier versions."""
    return REASONS.get(reason, REASONS["no_rule"])
