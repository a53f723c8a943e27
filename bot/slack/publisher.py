"""The Chat port: what the flow needs of Slack, over the parts that show, answer, search and ask."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta

from slack_sdk.web.async_client import AsyncWebClient

from bot.core.names import ChannelId, GroupId, UserId
from bot.core.request import Place, ReplyTo
from bot.flow.background import Background
from bot.flow.ports import (
    AnySlot,
    Change,
    Doubt,
    GroupMembers,
    KnownPerson,
    MessageRef,
    Render,
    Shown,
    Urgency,
    all_changed,
)
from bot.slack.gate import Call, Gate, Method
from bot.slack.limits import Paces
from bot.slack.people import ChannelFacts, People
from bot.slack.posting import Own, Posting
from bot.slack.replies import Replies
from bot.slack.search import Search
from bot.slack.showing import LANES_REMEMBERED, Patience, Showing
from bot.slack.standing import Say, Standing, say_nothing
from bot.views.message import Home, Message, Modal

LONGEST_TO_WAIT = timedelta(seconds=2.5)
"""The deadline of one call that a person waits for; Slack's own window for an answer is three seconds."""


class Publisher:
    """Slack, as far as the flow needs it.

    `own` marks what it posts. Without `may_look` it never looks for a post of which nobody knows. `say` tells the
    operators what only they can set right.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        *,
        own: Own | None = None,
        may_look: bool = True,
        say: Say = say_nothing,
        patience: Patience | None = None,
        paces: Paces | None = None,
        lanes_remembered: int = LANES_REMEMBERED,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        own, patience = own or Own(), patience or Patience()
        self._gate = Gate(paces or Paces(), clock=clock)
        self._background = Background()
        deadline = patience.call_deadline.total_seconds()
        self._posting = Posting(client, own=own, deadline=deadline)
        self._search = Search(client, self._gate, own=own, may_look=may_look, deadline=deadline)
        self._showing = Showing(
            self._posting,
            self._search,
            self._gate,
            Standing(say),
            self._background,
            patience=patience,
            lanes_remembered=lanes_remembered,
            clock=clock,
        )
        # A person waits for these: a call that takes longer than they do is better given up and told.
        short = min(LONGEST_TO_WAIT, patience.call_deadline).total_seconds()
        self._replies = Replies(client, deadline=short)
        self._people = People(
            client,
            self._background,
            names_for=patience.names,
            groups_for=patience.groups,
            clock=clock,
            deadline=short,
        )

    async def show(
        self, slot: AnySlot, urgency: Urgency, render: Render, change: Change = all_changed
    ) -> Shown | None:
        """Show the newest state of a slot, as `Chat.show` promises; what `render` raises reaches whoever asked."""
        return await self._showing.show(slot, urgency, render, change)

    async def find_posted(self, doubt: Doubt, place: Place) -> Sequence[MessageRef]:
        """Our own messages of a slot that stand there, oldest first. Whoever waits for an end goes before this."""
        return await self._search.find(doubt, place, lambda: Urgency.PROGRESS)

    async def delete(self, ref: MessageRef) -> None:
        """Take one of our own messages away."""
        await self._gate.enter(Call(Method.DELETE, ref.channel_id), lambda: Urgency.PROGRESS)
        await self._posting.delete(ref)

    async def may_post(self, channel_id: ChannelId) -> bool:
        """Whether the bot is in this channel and the channel is open, as of now."""
        facts = await self._people.fetch_channel_now(channel_id)
        return facts.has_bot and not facts.is_archived

    async def answer(self, reply_to: ReplyTo, message: Message) -> None:
        """Answer one person privately, within their place."""
        await self._replies.answer(reply_to, message)

    async def post(self, place: Place, message: Message) -> MessageRef:
        """Post a message that is nobody's card, such as one to the operators. Tried once."""
        await self._gate.enter(Call(Method.POST, place.channel_id), lambda: Urgency.CARD)
        return await self._posting.post(place, message)

    async def open_modal(self, trigger_id: str, modal: Modal) -> None:
        """Open a modal in answer to a press (3 seconds after it at most)."""
        await self._replies.open_modal(trigger_id, modal)

    async def publish_home(self, user_id: UserId, home: Home) -> None:
        """Show a person their App Home."""
        await self._replies.publish_home(user_id, home)

    async def fetch_person(self, user_id: UserId, *, anew: bool = False) -> KnownPerson:
        """What Slack knows of a person; remembered unless asked for anew, and served stale when Slack is unwell."""
        return await self._people.fetch_person(user_id, anew=anew)

    async def fetch_group(self, group_id: GroupId, *, anew: bool = False) -> GroupMembers:
        """The members of a user group, in the same way."""
        return await self._people.fetch_group(group_id, anew=anew)

    async def fetch_channel(self, channel_id: ChannelId) -> ChannelFacts:
        """What Slack knows of a channel: its name, and whether the bot was invited; cached as people are."""
        return await self._people.fetch_channel(channel_id)

    async def fetch_permalink(self, ref: MessageRef) -> str:
        """A link to a message."""
        return await self._people.fetch_permalink(ref)

    async def close(self, *, patience: float = 2.0) -> None:
        """Let the calls under way end, for at most so many seconds. What waits is given up: the history knows of it."""
        self._showing.close()
        await self._background.close(grace=patience)
        self._gate.close()
