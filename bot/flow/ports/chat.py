"""Slack, as far as the flow needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from bot.core.names import ChannelId, GroupId, UserId
from bot.core.policy import Person
from bot.core.request import Place, ReplyTo
from bot.flow.ports.messages import AnySlot, Change, Doubt, MessageRef, Render, Shown, Urgency, all_changed
from bot.views.message import Home, Message, Modal


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """What Slack knows of a person; learned `stale_for` ago, where it told nothing newer though asked."""

    person: Person
    stale_for: timedelta | None = None


@dataclass(frozen=True, slots=True)
class GroupMembers:
    """Who is in a user group, in the same way."""

    users: frozenset[UserId]
    stale_for: timedelta | None = None


class Chat(Protocol):
    """Slack, as far as the flow needs it. All raise `ChatRefusedError` or `ChatUnavailableError`."""

    async def show(
        self, slot: AnySlot, urgency: Urgency, render: Render, change: Change = all_changed
    ) -> Shown | None:
        """Show the newest state of a slot: waits its turn, renders then, and outlives Slack's outages.

        What is only progress takes turns by how much has changed, and by how long ago each was shown.
        Asked again for a slot that still waits, it joins that wait (with the more urgent of the two urgencies).
        Where an earlier post may have been carried out unheard, its message is looked for before there is a second.
        Raises `ChatRefusedError` only: what Slack will never take.
        """

    async def find_posted(self, doubt: Doubt, place: Place) -> Sequence[MessageRef]:
        """Our own messages of a slot that stand there and were posted since about then, oldest first.

        Raises `ChatRefusedError` where the bot may not look.
        """

    async def delete(self, ref: MessageRef) -> None:
        """Take one of our own messages away."""

    async def may_post(self, channel_id: ChannelId) -> bool:
        """Whether the bot is in this channel and the channel is open, as of now."""

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer one person privately, within their place."""

    async def post(self, place: Place, message: Message) -> MessageRef:
        """Post a message that is nobody's card, such as one to the operators."""

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Show a person their App Home."""

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Open a modal in answer to a press (3 seconds after it at most)."""

    async def fetch_person(self, user_id: UserId, *, anew: bool = False) -> KnownPerson:
        """What Slack knows of a person: remembered for minutes unless asked `anew`, and stale where Slack is unwell."""

    async def fetch_group(self, group_id: GroupId, *, anew: bool = False) -> GroupMembers:
        """The members of a user group, in the same way."""

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message."""
