"""What the operators are told in their channel: about the rules file, the platform's key and the database."""

from collections.abc import Sequence

from bot.core.rules import Rules
from bot.views import signs
from bot.views.blocks import message, paragraphs, section
from bot.views.entries import DIGEST_SHOWN
from bot.views.marked import Marked, bold, code, joined, lines, plain, say
from bot.views.masking import mask_secrets
from bot.views.message import Message
from bot.views.spans import count

_MISTAKES_SHOWN = 30


def render_rules_reloaded(rules: Rules, *, head: str | None = None) -> Message:
    """A new version of the rules is in force. With the head of the record, so that it is noted where nobody rewrites it."""
    held = ", ".join(
        [
            count(len(rules.catalog.environments), "environment"),
            count(len(rules.channels), "channel"),
            count(len(rules.approvals), "approval rule"),
        ]
    )
    said = say(
        "{} New rules are in force: {}; version {}.", signs.DONE, held, code(rules.digest[:DIGEST_SHOWN])
    )
    asked_anew = Marked("What waits for an approval is asked anew by them.")
    noted = [say("The record's head is {}.", code(head[:DIGEST_SHOWN]))] if head else []
    return message(said, section(lines(said, asked_anew, *noted)))


def render_rules_back(rules: Rules) -> Message:
    """What was wrong with the rules file is taken back; nothing has changed all the while."""
    version = code(rules.digest[:DIGEST_SHOWN])
    said = say("{} The rules file is right again: it says what is in force, version {}.", signs.DONE, version)
    return message(said, section(said))


def render_rules_refused(mistakes: Sequence[str]) -> Message:
    """A new version of the rules is wrong, and the one before it stays in force."""
    number = count(len(mistakes), "mistake")
    said = say("{} The changed rules are not taken: {}. The rules before stay in force.", signs.LOOK, number)
    more = len(mistakes) - _MISTAKES_SHOWN
    rest = [say("… and {} more; {} lists them all", more, code("oec-bot check"))] if more > 0 else []
    return message(said, section(said), *paragraphs([*_list(mistakes), *rest], separator="\n"))


def _list(mistakes: Sequence[str]) -> list[Marked]:
    return [say("• {}", plain(mask_secrets(one), limit=300)) for one in mistakes[:_MISTAKES_SHOWN]]


def render_deadlocks(found: Sequence[str]) -> Message:
    """By who is in which group at this moment, somebody could ask for what nobody could approve."""
    said = say("{} By who is in which group now, there is what nobody could approve.", signs.LOOK)
    todo = Marked("Until a group or the rules file is set right, it expires where it is asked for.")
    more = len(found) - _MISTAKES_SHOWN
    rest = [say("… and {} more", more)] if more > 0 else []
    return message(said, section(lines(said, todo)), *paragraphs([*_list(found), *rest], separator="\n"))


def render_no_deadlocks() -> Message:
    """Groups, or the rules, were set right."""
    said = say("{} Whatever may be asked for can be approved by somebody again.", signs.DONE)
    return message(said, section(said))


def render_key_refused(setting: str = "OEC_API_KEY") -> Message:
    """oec.sh refuses a key: what can no longer be done until somebody acts depends on which."""
    said = joined(
        [
            say("{} {}", signs.LOOK, bold(say("oec.sh refuses {}.", setting))),
            Marked(_WITHOUT_KEY.get(setting, "I can do nothing with it until that is set right.")),
        ],
        " ",
    )
    todo = say("Put a valid key in {} and start me again.", code(setting))
    return message(said, section(lines(said, todo)))


_WITHOUT_KEY = {
    "OEC_API_KEY": "I can trigger nothing until that is set right. What is under way I follow only where OEC_READ_KEY "
    "holds a key of its own.",
    "OEC_READ_KEY": "I look with OEC_API_KEY meanwhile, whose limit is smaller.",
}


def render_database_trouble(sentence: str) -> Message:
    """The history cannot be written: nothing may be triggered that could not be remembered."""
    said = say("{} {}", signs.LOOK, bold(say("I cannot write my history, so I trigger nothing.")))
    why = plain(mask_secrets(sentence), limit=600)
    after = Marked("What runs at oec.sh goes on there. When I can write again, I say so and go on.")
    return message(joined([said, why], " "), section(lines(said, why, after)))


def render_database_well() -> Message:
    """The history can be written again."""
    said = say("{} I can write my history again, and go on where I was.", signs.DONE)
    return message(said, section(said))
