"""What every act of a person needs: the workspace, the sockets, the moment, and the stand-in's own address."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sim.workspace.deliveries import Deliveries
from bot.sim.workspace.entities import (
    Answer,
    Channel,
    Content,
    JsonObject,
    Message,
    ReplyAddress,
    Trigger,
    User,
)
from bot.sim.workspace.faults import FaultPlan
from bot.sim.workspace.request_urls import RequestUrls
from bot.sim.workspace.sockets import Sockets
from bot.sim.workspace.store import Workspace

_REMEMBERED = 10_000


class PersonRefused(Exception):  # noqa: N818 - told to the person, not a failure of ours
    """Something a person cannot do, in plain words; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status
        self.words = words


def _forget_oldest(issued: dict[str, Any]) -> None:
    """Keep a long demo from growing: what was issued ten thousand acts ago is of no use to anybody."""
    while len(issued) > _REMEMBERED:
        del issued[next(iter(issued))]


@dataclass(frozen=True, slots=True)
class World:
    """The stand-in as one running thing."""

    workspace: Workspace
    sockets: Sockets
    deliveries: Deliveries
    urls: RequestUrls
    faults: FaultPlan
    now: Callable[[], datetime]
    base_url: str

    def issue_trigger(self, user_id: str) -> str:
        """A fresh trigger id for something a person just did."""
        trigger_id = f"{self.workspace.next_number()}.{secrets.token_hex(12)}"
        self.workspace.triggers[trigger_id] = Trigger(trigger_id, user_id, self.now())
        _forget_oldest(self.workspace.triggers)
        return trigger_id

    def issue_reply_url(self, channel: Channel, user: User, origin: Message | None = None) -> str:
        """A fresh `response_url` for this person, here, about this message."""
        key = secrets.token_hex(12)
        origin_ts = origin.ts if origin else None
        self.workspace.reply_addresses[key] = ReplyAddress(key, channel.id, user.id, self.now(), origin_ts)
        _forget_oldest(self.workspace.reply_addresses)
        kind = "actions" if origin else "commands"
        return f"{self.base_url}/{kind}/{self.workspace.team.id}/{key}"

    def note_answer(self, via: str, body: JsonObject, error: str | None = None) -> None:
        """Remember what the app said outside the Web API."""
        self.workspace.answers.append(Answer(self.now(), via, body, error))

    def find_person(self, user_id: object) -> User:
        """The person who acts. Refuses unknown and deactivated ones, and the bot itself."""
        user = self.workspace.users.get(str(user_id))
        if user is None or user.is_bot:
            raise PersonRefused(404, f"There is no person {user_id}.")
        if user.is_deactivated:
            raise PersonRefused(403, f"{user.real_name} is deactivated.")
        return user

    def find_place(self, user: User, channel_id: object) -> Channel:
        """The channel a person acts in. Refuses unknown ones and those they are not a member of."""
        channel = self.workspace.channels.get(str(channel_id))
        if channel is None:
            raise PersonRefused(404, f"There is no channel {channel_id}.")
        if user.id not in channel.members:
            raise PersonRefused(403, f"{user.real_name} is not a member of #{channel.name}.")
        return channel

    def find_message_seen(self, user: User, channel: Channel, ts: object) -> Message:
        """A message as this person sees it. Refuses those that are not there for them."""
        message = self.workspace.find_message(channel.id, str(ts))
        if message is None or message.only_for not in (None, user.id):
            raise PersonRefused(404, f"{user.real_name} sees no message {ts} in #{channel.name}.")
        return message

    def whisper(self, user: User, channel: Channel, text: str, *, author: str) -> Message:
        """Show one person a line that no app wrote, as Slack itself does when something went wrong."""
        now = self.now()
        return self.workspace.post(
            Message(
                ts=self.workspace.next_ts(now),
                channel_id=channel.id,
                user_id=author,
                content=Content(text),
                posted_at=now,
                only_for=user.id,
            )
        )
