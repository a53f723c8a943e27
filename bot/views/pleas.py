"""A plea in the channel of those who may, and what the one who made it, or pressed on it, is told."""

from datetime import datetime

from bot.core.intents import typed_form
from bot.core.names import ChannelId
from bot.core.pleas import MOST_IN_CHANNEL, MOST_PLEAS, Opening, Plea, PleaState, find_pleader
from bot.core.runs import Run
from bot.views import buttons, signs
from bot.views.blocks import actions, button, context, message, section
from bot.views.environments import say_full_name
from bot.views.marked import (
    Marked,
    bold,
    channel,
    code,
    date,
    dotted,
    joined,
    lines,
    mention,
    message_link,
    say,
)
from bot.views.message import Block, Message
from bot.views.people import say_label
from bot.views.phrases import phrase, say_command, say_modules


def render_plea(plea: Plea) -> Message:
    """The message that asks those who may; once that is over, how it ended, without its button."""
    if plea.state is not PleaState.OPEN:
        said = say_how_it_stands(plea)
        return message(said, section(said))
    asks = say("{} {} asks for {}", signs.WAITING, mention(plea.by), bold(phrase(plea.change).ask))
    who = say("{} may do it", _say_who(plea.opening))
    called = joined(map(mention, plea.opening.users), " ")
    was_night = Marked("It was night for all of them when this was asked, so I called nobody.")
    night = was_night if plea.opening.is_night else None
    environment = say_full_name(plea.change.environment, None)
    note = say(
        "Whoever presses asks for it as themselves, by their own rights · until {}", date(plea.expires_at)
    )
    return message(
        joined([dotted(asks, who), called], " "),
        section(
            lines(
                joined([dotted(asks, who), called], " "), environment or None, say_modules(plea.change), night
            )
        ),
        actions(button(buttons.PLEA, plea.id, "Do it")),
        context(note),
    )


def say_whose_wish(run: Run) -> Marked:
    """Who asked for a run; where it was because somebody had asked them to, for whom: `@ana for @cleo`."""
    by, pleader = mention(run.requester), find_pleader(run)
    return by if pleader is None else say("{} for {}", by, mention(pleader))


def _say_who(opening: Opening) -> Marked:
    if opening.to == "everyone":
        return Marked("everyone of the team")
    return say("one of {}", bold(say_label(opening.to)))


def say_how_it_stands(plea: Plea) -> Marked:
    """`✓ @ana took it on: #43 · Deploy `prod`, asked for by @cleo`."""
    what, by = phrase(plea.change).ask, mention(plea.by)
    match plea.state:
        case PleaState.OPEN:
            return say(
                "{} {} waits for somebody who may, until {}.", signs.WAITING, what, date(plea.expires_at)
            )
        case PleaState.TAKEN:
            who = mention(plea.taken_by) if plea.taken_by else Marked("Somebody")
            return say(
                "{} {} took it on: #{} · {}, asked for by {}", signs.DONE, who, plea.run_id or 0, what, by
            )
        case PleaState.EXPIRED:
            return say("{} Nobody took it: {}, asked for by {}", signs.STOPPED, what, by)
        case PleaState.WITHDRAWN:
            return say("{} No longer asked for: {}, by {}", signs.STOPPED, what, by)


def render_pleaded(plea: Plea, url: str | None) -> Message:
    """To whoever made it: those who may are asked, and where."""
    where, until = channel(plea.opening.channel_id), date(plea.expires_at)
    said = say("{} I ask {} in {} to {}.", signs.WAITING, _say_who(plea.opening), where, _say_ask(plea))
    then = say("I mention you when it ends. If nobody takes it on by {}, ask again.", until)
    shown = section(lines(joined([said, _say_link(url)], " "), _say_night(plea), then))
    return message(said, shown, actions(_take_back(plea)))


def render_pleaded_already(plea: Plea, url: str | None) -> Message:
    """The same was asked of others a moment ago, and still waits, or is under way."""
    if plea.state is PleaState.TAKEN:
        said = say_how_it_stands(plea)
        then = say("I mention you when it ends; {} shows how it stands.", say_command(f"run {plea.run_id}"))
        return message(said, section(lines(said, then)))
    where, until = channel(plea.opening.channel_id), date(plea.expires_at)
    said = say("You ask for this already, in {}: it waits until {}.", where, until)
    return message(said, section(joined([said, _say_link(url)], " ")), actions(_take_back(plea)))


def render_person_asked_often(until: datetime) -> Message:
    """Each plea calls people, so nobody may make very many."""
    said = say(
        "You have asked others {} times within an hour, which is as often as I call people for you.",
        MOST_PLEAS,
    )
    then = say("Talk to them directly, or press again after {}.", date(until))
    return message(said, section(lines(said, then)))


def render_channel_asked_often(channel_id: ChannelId, until: datetime) -> Message:
    """Very many pleas in one channel, whoever makes them, have nobody read any."""
    where = channel(channel_id)
    said = say(
        "I asked nobody: {} has had {} such asks within an hour that nobody took on, and I post no more there for now.",
        where,
        MOST_IN_CHANNEL,
    )
    then = say("Talk to people there directly, or press again after {}.", date(until))
    return message(said, section(lines(said, then)))


def render_nobody_to_ask(text: str) -> Message:
    """By the rules as they are now, nobody else may do it."""
    said = say("By the rules as they are now there is nobody I could ask to {}.", code(text, limit=120))
    then = say("{} says why. The operators keep the rules.", say_command(f"can {text}"))
    return message(said, section(lines(said, then)))


def render_may_oneself(text: str, plea: Plea | None = None) -> Message:
    """Whoever wants to ask others may do it themselves by now; `plea` is by which they ask others still."""
    said = Marked("You may do this yourself here, by the rules as they are now.")
    back = None if plea is None else actions(_take_back(plea))
    return message(said, section(lines(said, say("Ask for it: {}.", say_command(text)))), back)


def render_not_placed(plea: Plea) -> Message:
    """No channel from which somebody may takes our messages, or is to be shown more of them for now."""
    said = say(
        "{} I could ask nobody to {}: in none of the channels from which they may can I post this now.",
        signs.LOOK,
        _say_ask(plea),
    )
    where = say("Talk to them directly; or somebody there types {}, and you ask again.", code("/invite @oec"))
    return message(said, section(lines(said, where)))


def render_own_plea(plea: Plea) -> Message:
    """Whoever asked others pressed the button themselves."""
    said = Marked("You asked for this yourself, so somebody else has to press here.")
    then = say("It waits until {}. You can take it back.", date(plea.expires_at))
    return message(said, section(lines(said, then)), actions(_take_back(plea)))


def render_plea_over(plea: Plea) -> Message:
    """Somebody was quicker, or nobody is asked any more: this press does nothing."""
    stands = say_how_it_stands(plea)
    if plea.state is PleaState.TAKEN:
        then = say("Your press changes nothing; {} shows how it stands.", say_command(f"run {plea.run_id}"))
    else:
        then = say(
            "Your press changes nothing. To do it all the same: {}.", say_command(typed_form(plea.change))
        )
    return message(stands, section(lines(stands, then)))


def render_plea_taken_back(plea: Plea) -> Message:
    """To whoever made it, after they took it back."""
    said = say("You no longer ask others to {}.", _say_ask(plea))
    return message(said)


def render_not_your_plea(plea: Plea) -> Message:
    """Only whoever made it takes it back."""
    said = say("Only {} can take this back: it is theirs.", mention(plea.by))
    return message(
        said, section(lines(said, Marked("If you do not want to do it, leave it: it ends by itself.")))
    )


def render_late_plea() -> Message:
    """A press that was long on its way: it may no longer be wanted."""
    said = say("{} Your press took over a minute to reach me, so I did nothing.", signs.LOOK)
    return message(said, section(lines(said, Marked("If you still want it, press again."))))


def render_plea_outdated(plea: Plea) -> Message:
    """The environment is none of the rules' any more."""
    said = say("The rules no longer speak of {}.", code(plea.change.environment.alias))
    return message(said, section(lines(said, say("{} lists what there is.", say_command("status")))))


def _say_ask(plea: Plea) -> Marked:
    return code(typed_form(plea.change), limit=120)


def _say_night(plea: Plea) -> Marked | None:
    if not plea.opening.is_night:
        return None
    return Marked("It is night for all of them, so I call nobody: they see it when they look.")


def _say_link(url: str | None) -> Marked | None:
    return message_link(url, "See it there")


def _take_back(plea: Plea) -> Block:
    return button(buttons.PLEA_BACK, plea.id, "Never mind")
