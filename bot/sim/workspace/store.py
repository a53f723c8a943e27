"""The workspace's state: who exists, what was posted, which views are open; tells watchers of changes."""

import itertools
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot.sim.workspace.entities import (
    Answer,
    App,
    Call,
    Change,
    Channel,
    Content,
    File,
    Group,
    JsonObject,
    Message,
    ReplyAddress,
    Team,
    Trigger,
    User,
    View,
)
from bot.sim.workspace.pings import find_pinged

Watcher = Callable[[Change], None]

_MICROSECOND = datetime.resolution
_REMEMBERED_CALLS = 10_000
_REMEMBERED_FILES = 100


class Workspace:
    """Everything the stand-in remembers; what people can see is changed through methods that tell watchers."""

    def __init__(self, team: Team, app: App, users: tuple[User, ...]) -> None:
        self.team = team
        self.app = app
        self.users: dict[str, User] = {user.id: user for user in users}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.calls: deque[Call] = deque(maxlen=_REMEMBERED_CALLS)
        self.answers: deque[Answer] = deque(maxlen=_REMEMBERED_CALLS)
        self.files: dict[str, File] = {}
        self.triggers: dict[str, Trigger] = {}
        self.reply_addresses: dict[str, ReplyAddress] = {}
        self._messages: dict[str, dict[str, Message]] = {}
        self._reactions: dict[tuple[str, str], dict[str, list[str]]] = {}
        self._replies: dict[tuple[str, str], dict[str, None]] = {}
        self._modals: dict[str, list[View]] = {}
        self._homes: dict[str, View] = {}
        self._entered: dict[tuple[str, str, str], dict[str, JsonObject]] = {}
        self._watchers: list[Watcher] = []
        self._numbers = itertools.count(1)
        self._last_ts = 0

    def watch(self, watcher: Watcher) -> Callable[[], None]:
        """Call `watcher` at every change until the returned function is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher)

    def tell(self, change: Change) -> None:
        """Tell every watcher of a change."""
        for watcher in tuple(self._watchers):
            watcher(change)

    def next_number(self) -> int:
        """A number never given before in this workspace: the raw material of ids."""
        return next(self._numbers)

    def put_app(self, app: App) -> None:
        """Install the app anew, with other scopes, commands, events or addresses."""
        self.app = app
        self.tell(Change("workspace"))

    def put_user(self, user: User) -> None:
        """Let a person join, or change what is known about them."""
        self.users[user.id] = user
        self.tell(Change("workspace"))

    def put_group(self, group: Group) -> None:
        """Make a user group, or change its members."""
        self.groups[group.id] = group
        self.tell(Change("workspace"))

    def put_channel(self, channel: Channel) -> None:
        """Make a channel, or change its members, name or state."""
        self.channels[channel.id] = channel
        self._messages.setdefault(channel.id, {})
        self.tell(Change("workspace"))

    def put_file(self, file: File) -> None:
        """Keep a file, or its bytes once they came; old ones are forgotten."""
        self.files[file.id] = file
        while len(self.files) > _REMEMBERED_FILES:
            del self.files[next(iter(self.files))]

    def direct_messages(self, user_id: str) -> Channel:
        """The app's direct messages with a person, opened if need be."""
        channel_id = "D" + user_id[1:]
        if channel_id not in self.channels:
            members = (user_id, self.app.bot_user_id)
            self.put_channel(Channel(channel_id, "directmessage", members, is_private=True, is_im=True))
        return self.channels[channel_id]

    def groups_of(self, user_id: str) -> list[Group]:
        """The user groups a person belongs to."""
        return [group for group in self.groups.values() if user_id in group.users]

    def team_of(self, user_id: str) -> str:
        """The workspace that somebody belongs to: this one, unless they come from elsewhere."""
        user = self.users.get(user_id)
        return (user.team_id if user else None) or self.team.id

    # Messages

    def next_ts(self, now: datetime) -> str:
        """A message time stamp: unique and increasing even where the clock stands still."""
        micros = (now - datetime(1970, 1, 1, tzinfo=UTC)) // _MICROSECOND
        self._last_ts = max(micros, self._last_ts + 1)
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def post(self, message: Message) -> Message:
        """Add a message to its channel; those it names are notified."""
        pinged = find_pinged(message, self.channels[message.channel_id], self.users, self.groups)
        return self._keep(replace(message, pinged=pinged))

    def _keep(self, message: Message) -> Message:
        self._messages[message.channel_id][message.ts] = message
        if message.thread_ts and message.is_reply:
            self._replies.setdefault((message.channel_id, message.thread_ts), {})[message.ts] = None
        self._tell_of(message)
        return message

    def edit(self, message: Message, content: Content, *, now: datetime, mark: bool = False) -> Message:
        """Replace what a message says; counts the edit."""
        edited = replace(message, content=content, edits=message.edits + 1, edited_at=now, shows_edited=mark)
        return self._keep(edited)

    def delete(self, message: Message) -> None:
        """Take a message away; its replies stay."""
        del self._messages[message.channel_id][message.ts]
        if message.thread_ts and message.is_reply:
            del self._replies[message.channel_id, message.thread_ts][message.ts]
        self._tell_of(message)

    def find_message(self, channel_id: str, ts: str) -> Message | None:
        """The message with this time stamp, private ones included."""
        return self._messages.get(channel_id, {}).get(ts)

    def messages_in(self, channel_id: str) -> list[Message]:
        """Every message of a channel in order, replies and private ones included."""
        # Time stamps only grow and an edit keeps its place, so the order of posting is the order of time.
        return list(self._messages.get(channel_id, {}).values())

    def replies_to(self, channel_id: str, ts: str) -> list[Message]:
        """The public replies under a message."""
        replies = (self._messages[channel_id][one] for one in self._replies.get((channel_id, ts), {}))
        return [reply for reply in replies if not reply.is_ephemeral]

    def reactions_to(self, message: Message) -> dict[str, list[str]]:
        """Who reacted to a message with which emoji; changed through `react`."""
        return self._reactions.get((message.channel_id, message.ts), {})

    def react(self, message: Message, name: str, user_id: str, *, adds: bool) -> bool:
        """Add somebody's reaction, or take it back; whether that changed anything."""
        reactions = self._reactions.setdefault((message.channel_id, message.ts), {})
        if (user_id in reactions.get(name, [])) is adds:
            return False
        if adds:
            reactions.setdefault(name, []).append(user_id)
        else:
            reactions[name].remove(user_id)
            if not reactions[name]:
                del reactions[name]
        self._tell_of(message)
        return True

    def _tell_of(self, message: Message) -> None:
        thread_ts = message.thread_ts if message.is_reply else None
        self.tell(Change("messages", message.channel_id, thread_ts, message.only_for))

    def entered_in(self, message: Message, user_id: str) -> dict[str, JsonObject]:
        """What a person has selected or typed in a message's inputs so far."""
        return self._entered.setdefault((message.channel_id, message.ts, user_id), {})

    # Views

    def modals_of(self, user_id: str) -> list[View]:
        """A person's stack of modals, the visible one last."""
        return list(self._modals.get(user_id, []))

    def set_modals(self, user_id: str, views: list[View]) -> None:
        """Replace a person's stack of modals."""
        self._modals[user_id] = list(views)
        self.tell(Change("views", only_for=user_id))

    def home_of(self, user_id: str) -> View | None:
        """A person's Home tab of the app, if it was ever published."""
        return self._homes.get(user_id)

    def set_home(self, view: View) -> None:
        """Publish a person's Home tab."""
        self._homes[view.user_id] = view
        self.tell(Change("views", only_for=view.user_id))

    def all_views(self) -> Iterator[View]:
        """Every open modal and published Home."""
        yield from itertools.chain.from_iterable(self._modals.values())
        yield from self._homes.values()

    def replace_view(self, view: View) -> None:
        """Put a new version of an open modal or Home in the place of the old one."""
        home = self._homes.get(view.user_id)
        if home is not None and home.id == view.id:
            self.set_home(view)
            return
        stack = [view if other.id == view.id else other for other in self.modals_of(view.user_id)]
        self.set_modals(view.user_id, stack)
