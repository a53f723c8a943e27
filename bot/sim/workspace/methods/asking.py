"""What a Web API method is given: its arguments, whichever way they were encoded, and the moment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.sim.workspace.contents import decode
from bot.sim.workspace.entities import Channel, JsonObject, Message
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.shapes import fault
from bot.sim.workspace.store import Workspace


@dataclass(frozen=True, slots=True)
class Asked:
    """One call's arguments; `base_url` is the stand-in's own address, for links in answers."""

    args: JsonObject
    now: datetime
    base_url: str

    def required(self, name: str) -> str:
        """A string that must be there. Refuses with invalid_arguments."""
        value = self.optional(name)
        if not value:
            raise SlackRefusal("invalid_arguments", [f"[ERROR] missing required field: {name}"])
        return value

    def optional(self, name: str) -> str | None:
        """A string that may be there. Refuses anything that is not a string, as Slack does."""
        value = self.args.get(name)
        if value is None or isinstance(value, str):
            return value
        raise SlackRefusal("invalid_arguments", [fault("must provide a string", f"/{name}")])

    def flag(self, name: str) -> bool:
        """A boolean in any of its spellings; absent is false."""
        return self.args.get(name) in (True, 1, "true", "True", "1")

    def structure(self, name: str) -> Any:
        """An argument that is JSON itself. Refuses with invalid_arguments."""
        return decode(self.args.get(name), "invalid_arguments")


def find_channel(workspace: Workspace, wanted: str) -> Channel:
    """The conversation the app means by an id, a name, or a person's id. Refuses with channel_not_found."""
    if wanted in workspace.channels:
        channel = workspace.channels[wanted]
        hidden = channel.is_private and workspace.app.bot_user_id not in channel.members
        if not hidden:
            return channel
    if wanted in workspace.users and not workspace.users[wanted].is_bot:
        return workspace.direct_messages(wanted)
    for channel in workspace.channels.values():
        if not channel.is_private and channel.name == wanted.removeprefix("#"):
            return channel
    raise SlackRefusal("channel_not_found")


def find_visible_message(workspace: Workspace, channel: Channel, ts: str) -> Message:
    """A message the app can name; ephemeral ones it cannot. Refuses with message_not_found."""
    message = workspace.find_message(channel.id, ts)
    if message is None or message.is_ephemeral:
        raise SlackRefusal("message_not_found")
    return message
