"""Whether something may be done, and by which rule: the answers to `can`. Private; nothing in them triggers anything."""

from collections.abc import Sequence
from typing import assert_never

from bot.core.explanations import Explanation
from bot.core.grammar import ask_form
from bot.core.names import ButtonId, ChannelId, UserId
from bot.core.policy import Allowed, Denied, NeedsApproval, Power
from bot.views import buttons, signs
from bot.views.answers.not_allowed import say_here_you_may, say_unsure, say_ways
from bot.views.blocks import actions, button, context, message, paragraphs, section
from bot.views.denials import say_lacking, say_reason
from bot.views.help import say_powers
from bot.views.marked import LONG_DATE, Marked, channel, code, date, joined, lines, mention, say
from bot.views.message import Message
from bot.views.phrases import say_command
from bot.views.rules import say_approval_rule, say_consent, say_place, say_right

_ONLY_SAID = Marked("Nothing was triggered: this only says what would be decided now.")


def render_may(explained: Explanation, *, plea: ButtonId | None = None) -> Message:
    """Whether somebody may do or read this here, by which rule, and who could. `plea` is what asks those who may."""
    said = say_verdict(explained)
    ask = actions(button(buttons.PLEAD, plea, "Ask someone who may")) if plea else None
    shown = section(lines(said, *say_grounds(explained)))
    return message(joined([said, _say_first_ground(explained)], " "), shown, ask, context(_ONLY_SAID))


def say_verdict(explained: Explanation) -> Marked:
    """What would be decided, in one line: may, may with an approval, or may not."""
    what, where = code(ask_form(explained.asks), limit=120), channel(explained.channel_id)
    who = mention(explained.who) if explained.who else Marked("You")
    match explained.decision:
        case Allowed():
            return say("{} {} may {} in {}, at once.", signs.DONE, who, what, where)
        case NeedsApproval(_, approval):
            consent = say_consent(approval)
            return say(
                "{} {} may ask for {} in {}. It then needs {}.", signs.WAITING, who, what, where, consent
            )
        case Denied():
            return say("{} {} may not {} in {}.", signs.FAILED, who, what, where)
        case _:
            assert_never(explained.decision)


def say_grounds(explained: Explanation) -> list[Marked | None]:
    """The rules behind a decision in plain words, with their places; of a refusal, who could and what may be done here."""
    rules, decision = explained.rules, explained.decision
    known = _say_known(explained)
    match decision:
        case Allowed() | NeedsApproval():
            return [_say_line(explained), *_say_approval(explained), known]
        case Denied():
            here = say_here_you_may(explained.advice.here_you_may) if explained.who is None else None
            unsure = say_unsure(decision, explained.advice, explained.unknown_groups)
            ways = say_ways(decision, explained.advice, rules.name, is_own=explained.who is None)
            lacking = say_lacking(explained.advice.lacking, is_own=explained.who is None)
            return [_say_first_ground(explained), lacking, _say_line(explained), *ways, here, *unsure]
        case _:
            assert_never(decision)


def _say_first_ground(explained: Explanation) -> Marked | None:
    if not isinstance(explained.decision, Denied):
        return None
    return say_reason(explained.decision.reason, explained.channel_id, is_own=explained.who is None)


def _say_line(explained: Explanation) -> Marked:
    rules, rule = explained.rules, explained.decision.rule
    said = say_right(rules, explained.channel_id, rule, shown=explained.shown)
    place = say_place(rule.path, rule.line, rules.name)
    return say("{} ({}).", said, place) if said else say("Rule: {}.", place)


def _say_approval(explained: Explanation) -> list[Marked]:
    """Each rule that asks for an approval, and how it is given."""
    rules, decision = explained.rules, explained.decision
    if not isinstance(decision, NeedsApproval):
        return []
    asking = [one for one in rules.approvals if one.source in decision.approval.places]
    said = [
        say(
            "{} ({}).",
            say_approval_rule(rules, rule, shown=explained.shown),
            say_place(rule.source.path, rule.source.line, rules.name),
        )
        for rule in asking or [decision.approval]
    ]
    typed = Marked("Whoever approves types the environment's name.")
    return [*said, typed] if decision.approval.typed else said


def _say_known(explained: Explanation) -> Marked | None:
    if explained.known_as_of is None:
        return None
    learned = date(explained.known_as_of, LONG_DATE)
    return say(
        "{} Slack does not tell me who is who, and in which group, just now: as of {}.", signs.LOOK, learned
    )


def render_they_may(who: UserId | None, channel_id: ChannelId, powers: Sequence[Power]) -> Message:
    """All that somebody may do in a channel; `who` is None for whoever asks."""
    whom, where = mention(who) if who else Marked("You"), channel(channel_id)
    if not powers:
        said = say("{} may look in {}, but change nothing there.", whom, where)
        how = say("Ask about one thing, such as {}, and I say who may.", say_command("can deploy prod"))
        return message(said, section(lines(said, how)))
    may = say_powers(powers)
    said = say("In {} {} may:", where, whom if who else Marked("you"))
    why = say("{} says by which rule.", say_command(f"can deploy {powers[0].alias}"))
    listed = [said, *(say("• {}", one) for one in may)]
    return message(
        say("{} {}", said, joined(may, "; ")),
        *paragraphs(listed, separator="\n"),
        context(why if who is None else None),
    )


def render_nobody_known(who: UserId) -> Message:
    """Slack knows no such person."""
    said = say("Slack knows nobody by {}, so I cannot say what they may do.", code(f"@{who}"))
    how = say("Type {} and pick the person from the list that Slack shows.", code("@"))
    return message(said, section(lines(said, how)))


def render_person_untold(who: UserId) -> Message:
    """Slack does not tell who somebody is, just now."""
    said = say("{} Slack does not tell me just now who {} is.", signs.LOOK, mention(who))
    return message(said, section(lines(said, Marked("Ask again in a minute."))))


def render_not_about_others() -> Message:
    """Who may do what is told to people of the team only."""
    said = Marked("Only people of this team are told what others may do.")
    how = say("What you may do yourself, {} says.", say_command("can"))
    return message(said, section(lines(said, how)))
