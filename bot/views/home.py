"""The App Home: what the bot is, what this person may do in which channel, and how to ask."""

from collections.abc import Sequence

from bot.core.names import ChannelId
from bot.core.policy import Power
from bot.views.blocks import divider, header, home, paragraphs, section
from bot.views.help import say_powers
from bot.views.marked import Marked, bold, channel, code, lines, say
from bot.views.message import Home

_CHANNELS_SHOWN = 30


def render_home(rows: Sequence[tuple[ChannelId, Sequence[Power]]], *, command: str = "/oec") -> Home:
    """A person's App Home. `rows` are the channels of the rules, each with what this person may do there."""
    able = [(channel_id, powers) for channel_id, powers in rows if powers]
    return home(
        header("Run your Odoo environments from Slack"),
        section(_say_how(command)),
        divider(),
        *paragraphs([_say_channel(*row) for row in able[:_CHANNELS_SHOWN]] or [_NOWHERE]),
    )


_NOWHERE = Marked(
    "So far there is no channel in which you may change anything. The operators keep the rules."
)


def _say_how(command: str) -> Marked:
    return lines(
        Marked(
            "You ask in a channel; where the rules say so, somebody else agrees by a button; I do it and tell you."
        ),
        say(
            "{} asks for a deploy, {} shows how things stand.",
            code(f"{command} deploy staging"),
            _typed(command),
        ),
        say("{} in a channel lists what you may do there.", code(f"{command} help")),
    )


def _typed(command: str) -> Marked:
    return code(f"{command} status")


def _say_channel(channel_id: ChannelId, powers: Sequence[Power]) -> Marked:
    return lines(bold(channel(channel_id)), *(say("• {}", one) for one in say_powers(powers)))
