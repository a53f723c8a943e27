"""The things a workspace consists of: people, groups, channels, messages, views, the installed app."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

JsonObject = dict[str, Any]
Blocks = tuple[JsonObject, ...]

SLACKBOT_ID = "USLACKBOT"


@dataclass(frozen=True, slots=True)
class Team:
    """The workspace itself, as every payload names it."""

    id: str
    name: str
    domain: str


@dataclass(frozen=True, slots=True)
class User:
    """A person, or the app's bot user. `team_id` is None for the workspace's own; strangers name theirs."""

    id: str
    name: str
    real_name: str
    tz: str = "Etc/UTC"
    title: str = ""
    color: str = "slate"
    is_guest: bool = False
    is_single_channel_guest: bool = False
    is_bot: bool = False
    is_deactivated: bool = False
    team_id: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """A user group, mentioned by its handle."""

    id: str
    handle: str
    name: str
    users: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Channel:
    """A conversation: a public or private channel, or the app's direct messages with one person.

    `connected_teams` names the other workspaces that share it over Slack Connect.
    """

    id: str
    name: str
    members: tuple[str, ...]
    is_private: bool = False
    is_archived: bool = False
    is_im: bool = False
    connected_teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A slash command as the app's manifest declares it; `url` is where it goes in HTTP mode."""

    command: str
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = False
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A shortcut as the app's manifest declares it; `type` is `message` or `global`."""

    callback_id: str
    name: str
    type: str = "message"


@dataclass(frozen=True, slots=True)
class App:
    """The one installed app: its ids, its secrets, what it was granted and what it declares.

    With `uses_sockets` everything reaches it over Socket Mode, else at its request URLs; None where it has none.
    """

    id: str
    name: str
    bot_user_id: str
    bot_id: str
    bot_token: str = field(repr=False)
    app_token: str = field(repr=False)
    signing_secret: str = field(repr=False)
    scopes: tuple[str, ...]
    commands: tuple[SlashCommand, ...] = ()
    shortcuts: tuple[Shortcut, ...] = ()
    events: tuple[str, ...] = ("app_home_opened", "app_mention")
    has_home: bool = True
    uses_sockets: bool = True
    events_url: str | None = None
    interactivity_url: str | None = None


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, apart from where and by whom."""

    text: str
    blocks: Blocks = ()
    attachments: Blocks = ()
    metadata: JsonObject | None = None
    files: tuple["File", ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file; `data` is None until its bytes came."""

    id: str
    name: str
    title: str
    media_type: str
    size: int
    user_id: str
    created_at: datetime
    alt_text: str = ""
    data: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Message:
    """A posted message.

    `only_for` names the one reader of an ephemeral message; `broadcast` shows a reply in the channel too; `pinged` are
    those it notified when it was posted, for edits notify nobody.
    """

    ts: str
    channel_id: str
    user_id: str
    content: Content
    posted_at: datetime
    thread_ts: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    only_for: str | None = None
    broadcast: bool = False
    edits: int = 0
    edited_at: datetime | None = None
    shows_edited: bool = False
    pinged: tuple[str, ...] = ()

    @property
    def is_ephemeral(self) -> bool:
        """Whether one person alone sees this message."""
        return self.only_for is not None

    @property
    def is_reply(self) -> bool:
        """Whether the message hangs under another one."""
        return self.thread_ts is not None and self.thread_ts != self.ts


@dataclass(frozen=True, slots=True)
class View:
    """A modal on somebody's screen, or somebody's Home tab. `values` is what was entered so far."""

    id: str
    user_id: str
    content: JsonObject
    hash: str
    root_id: str
    previous_id: str | None = None
    values: Mapping[str, JsonObject] = field(default_factory=dict)

    @property
    def blocks(self) -> list[JsonObject]:
        """The view's blocks, as the app sent them and with ids filled in."""
        return list(self.content["blocks"])

    @property
    def external_id(self) -> str:
        """The app's own name for the view, or an empty string."""
        return str(self.content.get("external_id") or "")


@dataclass(frozen=True, slots=True)
class Trigger:
    """The right to open one modal for one person, shortly after they did something."""

    id: str
    user_id: str
    issued_at: datetime
    is_used: bool = False


@dataclass(frozen=True, slots=True)
class ReplyAddress:
    """What a `response_url` stands for: a place, a person, and the message that was acted on, if one was."""

    key: str
    channel_id: str
    user_id: str
    issued_at: datetime
    origin_ts: str | None = None
    uses: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """One Web API call as it was received and answered. `status` is None when the answer was cut off."""

    at: datetime
    method: str
    args: JsonObject
    is_ok: bool
    error: str | None
    status: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What an app said outside the Web API: `via` is `acknowledgement` or `response_url`."""

    at: datetime
    via: str
    body: JsonObject
    error: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """News for watchers: `kind` is `messages`, `views` or `workspace`; `only_for` limits who may hear it."""

    kind: str
    channel_id: str | None = None
    thread_ts: str | None = None
    only_for: str | None = None
