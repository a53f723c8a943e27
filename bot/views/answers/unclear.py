"""The answer to a request that was no intent: the nearest thing that would have worked."""

from collections.abc import Sequence

from bot.core.catalog import Environment
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    BadModules,
    BadRunNumber,
    MissingEnvironment,
    MissingModules,
    Misunderstood,
    UnexpectedWords,
    UnknownEnvironment,
    UnknownPerson,
    UnknownWord,
)
from bot.core.names import ButtonId
from bot.core.policy import HereYouMay
from bot.views import buttons
from bot.views.answers.not_allowed import say_aliases, say_here_you_may
from bot.views.blocks import actions, button, message, section
from bot.views.environments import say_full_name
from bot.views.marked import Marked, code, codes, joined, lines, say
from bot.views.message import Block, Message
from bot.views.phrases import say_command, say_words

Asks = Sequence[tuple[ButtonId, Environment]]

_OFFERS_SHOWN = 5


def render_misunderstood(
    misunderstood: Misunderstood, *, asks: Asks = (), here_you_may: Sequence[HereYouMay] = ()
) -> Message:
    """What was not understood, and what would have been. `asks` pairs each offered environment with its button's id."""
    offered = asks[:_OFFERS_SHOWN]
    what = _say_what(misunderstood, has_offers=bool(offered), here=here_you_may)
    instead = _say_instead(misunderstood, has_offers=bool(offered), here=here_you_may)
    text = joined([what, instead, codes([environment.alias for _, environment in offered])], " ")
    return message(text, section(lines(what, instead, *_say_offers(offered))), actions(*_offer(offered)))


def _offer(asks: Asks) -> list[Block]:
    return [
        button(buttons.ASK, button_id, environment.alias, nth=number)
        for number, (button_id, environment) in enumerate(asks)
    ]


def _say_offers(asks: Asks) -> list[Marked]:
    """What each button means, where the alias alone may not say it: the target is never left to guess."""
    return [
        say("{} is {}", code(environment.alias), full_name)
        for _, environment in asks
        if (full_name := say_full_name(environment, None))
    ]


def _say_what(unclear: Misunderstood, *, has_offers: bool, here: Sequence[HereYouMay]) -> Marked:
    match unclear:
        case UnknownWord(word, nearest):
            meant = say("Did you mean {}?", say_command(nearest)) if nearest else None
            return joined([say("I do not know the word {}.", code(word)), meant], " ")
        case MissingEnvironment(word):
            return say(
                "{} needs an environment: {}.", code(word), say_command(f"{word} {_example(here, word)}")
            )
        case UnknownEnvironment(name, _):
            which = Marked("Did you mean:") if has_offers else None
            return joined([say("I know no environment {} here.", code(name)), which], " ")
        case AmbiguousEnvironment(name, _):
            how = "Which one:" if has_offers else "Name it by its alias or id."
            return say("More than one environment goes by {}. {}", code(name), how)
        case BadModules(names):
            return _say_bad_modules(names)
        case MissingModules(word):
            option = "modules=" if word.endswith("deploy") else ""
            command = say_command(f"{word} {_example(here, word)} {option}sale,stock")
            return say("{} needs module names: {}.", code(word), command)
        case UnexpectedWords(word, extra):
            return say("I do not know what {} means after {}.", codes(extra, room=300), code(word))
        case UnknownPerson(name):
            return say("I cannot tell who {} is: it is a name, and only Slack knows whose.", code(name))
        case BadRunNumber(word, given):
            wrong = say("{} is no run number.", code(given)) if given else None
            needs = say("{} needs a number: {}.", code(word), say_command(f"{word} 42"))
            return joined([wrong, needs], " ")


def _say_bad_modules(names: tuple[str, ...]) -> Marked:
    if not names:
        return Marked("Those are too many modules: at most 50 at once.")
    if names == ("all",):  # which fits the rule, and is known from other asks
        return Marked("`all` does not go here: name the modules one by one.")
    verb = "is no module name" if len(names) == 1 else "are no module names"
    return say(
        "{} {}: 1 to 64 of a-z, 0-9 and `_`, at most 50 of them.", codes(names, room=300), Marked(verb)
    )


def _say_instead(unclear: Misunderstood, *, has_offers: bool, here: Sequence[HereYouMay]) -> Marked | None:
    """What this person may do here, as far as it helps with this mistake."""
    match unclear:
        case MissingEnvironment(word) | MissingModules(word):
            asked = word.removeprefix("can ")
            aliases = say_aliases(here, asked)
            return say("Here you may {} {}.", say_words((asked,)), aliases) if aliases else None
        case UnknownEnvironment() if not has_offers:
            aliases = say_aliases(here)
            return say("Here are: {}.", aliases) if aliases else say("{} lists them.", say_command("status"))
        case BadModules():
            return Marked("Nothing was triggered; ask again with the names put right.")
        case UnknownPerson():
            how = "Type {} and pick the person from the list that Slack shows: {}."
            return say(how, code("@"), say_command("can @ana deploy staging"))
        case UnexpectedWords(word):
            return say("Nothing was triggered; {} shows the forms.", say_command(f"help {word}"))
        case UnknownWord(_, nearest) if nearest is None:
            return say_here_you_may(here) or say("{} lists the words.", say_command("help"))
        case _:
            return None


def _example(here: Sequence[HereYouMay], word: str) -> str:
    """An environment with which it would have worked, else one that is clearly an example."""
    mine = [power.alias for power in here if say_aliases((power,), word.removeprefix("can "))]
    return mine[0] if mine else "staging"
