"""What reaches the bot from a person: who, where, what, when.

A `RequestKey` names one delivery of one ask: Slack may deliver the same one again, and it must then be dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.core.names import ButtonId, ChannelId, MessageTs, RequestKey, TeamId, UserId


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who asks or presses, as Slack vouches for them in the payload."""

    user_id: UserId
    team_id: TeamId


@dataclass(frozen=True, slots=True)
class Place:
    """Where an ask was made; `thread_ts` is set when it was made inside a thread (by mention)."""

    channel_id: ChannelId
    thread_ts: MessageTs | None = None


@dataclass(frozen=True, slots=True)
class ReplyTo:
    """How to answer one person privately: by `response_url` (5 uses in 30 minutes), else by an ephemeral."""

    user_id: UserId
    place: Place
    response_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """One ask by one person, in one place, at one time: a slash command's text or a mention's.

    `late_by` is how long it was on its way to us; zero where Slack does not tell when it was said.
    """

    key: RequestKey
    actor: Actor
    place: Place
    text: str
    asked_at: datetime
    reply_to: ReplyTo
    late_by: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ButtonPress:
    """One press of one of our buttons; what the button means is looked up by its opaque id.

    `late_by` is how long it was on its way to us, as far as Slack tells.
    """

    key: RequestKey
    actor: Actor
    place: Place
    kind: str
    button_id: ButtonId
    pressed_at: datetime
    reply_to: ReplyTo
    trigger_id: str = field(repr=False)
    late_by: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class ModalSubmission:
    """One submitted modal; `subject` is the opaque id we put in it, `values` what was typed, by field name."""

    key: RequestKey
    actor: Actor
    kind: str
    subject: ButtonId
    values: Mapping[str, str]
    submitted_at: datetime


@dataclass(frozen=True, slots=True)
class MessageShortcut:
    """The shortcut on a message: a way to ask inside a thread, where Slack refuses slash commands.

    `place.thread_ts` is the thread of the message it was used on, or that message itself.
    """

    key: RequestKey
    actor: Actor
    place: Place
    used_at: datetime
    reply_to: ReplyTo
    trigger_id: str = field(repr=False)
