"""What Slack delivers, read as core values: a payload in, a `Request`, press, modal or shortcut out, or None.

Payload fields are those of Slack's interactivity and events pages. Whatever else arrives, however odd, is None: nothing
here raises. The bot's own words, other bots' words and edited messages are no asks. Text stays escaped as Slack sent it
(`&lt;`, `<@U…>`); the grammar reads it as such.
"""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bot.core.hosts import is_loopback
from bot.core.names import ButtonId, ChannelId, MessageTs, RequestKey, TeamId, UserId
from bot.core.request import (
    Actor,
    ButtonPress,
    MessageShortcut,
    ModalSubmission,
    Place,
    ReplyTo,
    Request,
)
from bot.slack.fields import NOTHING, STAMP, Payload, as_mapping, as_text, read_id, read_stamp, read_text
from bot.views.buttons import MESSAGE_SHORTCUT

_ADDRESS = re.compile(r"https?://[\x21-\x7e]{1,2000}", re.ASCII)

_LONGEST_KEY = 300
"""A key longer than this was never Slack's; its digest does as well."""


def read_command(body: Payload, *, now: datetime) -> Request | None:
    """A slash command as a request. It never comes from inside a thread: Slack does not allow that."""
    user, channel, trigger = (
        read_id(body, "user_id"),
        read_id(body, "channel_id"),
        read_text(body, "trigger_id"),
    )
    if not (user and channel and trigger):
        return None
    place = Place(ChannelId(channel))
    return Request(
        key=_key("slash", trigger),
        actor=Actor(UserId(user), TeamId(read_id(body, "team_id"))),
        place=place,
        text=read_text(body, "text"),
        asked_at=now,
        reply_to=_reply_to(body, UserId(user), place),
    )


def read_mention(body: Payload, *, bot_user_id: UserId, now: datetime) -> Request | None:
    """An `app_mention` event as a request, without the mention it begins with."""
    event = as_mapping(body.get("event"))
    event_id, user, channel = read_text(body, "event_id"), read_id(event, "user"), read_id(event, "channel")
    if event.get("type") != "app_mention" or not (event_id and user and channel):
        return None
    if user == bot_user_id or any(event.get(mark) for mark in ("bot_id", "bot_profile", "subtype", "edited")):
        return None
    place = Place(ChannelId(channel), _thread_of(event))
    return Request(
        key=_key("event", event_id),
        actor=Actor(UserId(user), _team_of_author(body, event)),
        place=place,
        text=_without_mention(read_text(event, "text"), bot_user_id),
        asked_at=now,
        reply_to=ReplyTo(UserId(user), place),
        late_by=_age(read_text(event, "ts"), now),
    )


def read_home_opened(body: Payload) -> UserId | None:
    """Who opened the app's Home tab, if this is that event."""
    event = as_mapping(as_mapping(body).get("event"))
    is_home = event.get("type") == "app_home_opened" and event.get("tab", "home") == "home"
    return UserId(read_id(event, "user")) or None if is_home else None


def read_press(body: Payload, *, now: datetime) -> ButtonPress | None:
    """A button press, or a choice in a menu. None for a link button: the browser did all there was to do."""
    actions = body.get("actions")
    action = as_mapping(actions[0]) if isinstance(actions, list) and actions else NOTHING
    user = read_id(as_mapping(body.get("user")), "id")
    action_id, value = read_text(action, "action_id"), _entered(action)
    if not (user and action_id and value) or action.get("url"):
        return None
    place, on = _place_of_press(body, user)
    return ButtonPress(
        key=_key("press", on, action_id, value, user, read_text(action, "action_ts")),
        actor=Actor(UserId(user), _team_of_presser(body)),
        place=place,
        kind=action_id.partition(":")[0],
        button_id=ButtonId(value),
        pressed_at=now,
        reply_to=_reply_to(body, UserId(user), place),
        trigger_id=read_text(body, "trigger_id"),
        late_by=_age(read_text(action, "action_ts"), now),
    )


def read_submission(body: Payload, *, now: datetime) -> ModalSubmission | None:
    """A submitted modal. The trigger id tells one submission from the next: a modal with a mistake is sent again."""
    view = as_mapping(body.get("view"))
    user, kind, view_id = (
        read_id(as_mapping(body.get("user")), "id"),
        read_text(view, "callback_id"),
        read_text(view, "id"),
    )
    if not (user and kind and view_id):
        return None
    once = read_text(body, "trigger_id") or read_text(view, "hash")
    return ModalSubmission(
        key=_key("submit", view_id, once),
        actor=Actor(UserId(user), _team_of_presser(body)),
        kind=kind,
        subject=ButtonId(read_text(view, "private_metadata")),
        values={name: _entered(field) for name, (_, field) in _fields_of(view).items()},
        submitted_at=now,
    )


def read_shortcut(body: Payload, *, now: datetime) -> MessageShortcut | None:
    """Our message shortcut. Its place is the thread of the message it was used on, or that message's to be."""
    message = as_mapping(body.get("message"))
    user, channel = (
        read_id(as_mapping(body.get("user")), "id"),
        read_id(as_mapping(body.get("channel")), "id"),
    )
    thread = read_stamp(message, "thread_ts") or read_stamp(body, "message_ts") or read_stamp(message, "ts")
    trigger = read_text(body, "trigger_id")
    if body.get("callback_id") != MESSAGE_SHORTCUT or not (user and channel and trigger):
        return None
    place = Place(ChannelId(channel), MessageTs(thread) if thread else None)
    return MessageShortcut(
        key=_key("shortcut", trigger),
        actor=Actor(UserId(user), _team_of_presser(body)),
        place=place,
        used_at=now,
        reply_to=_reply_to(body, UserId(user), place),
        trigger_id=trigger,
    )


def as_modal_errors(body: Payload, errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by field name as Slack wants them: by block id. One for a field the modal lacks stands at its first."""
    fields = _fields_of(as_mapping(as_mapping(body).get("view")))
    blocks = {name: block_id for name, (block_id, _) in fields.items()}
    first = next(iter(blocks.values()), None)
    placed = {blocks.get(name, first): text for name, text in errors.items()}
    return {block_id: text for block_id, text in placed.items() if block_id is not None}


def _fields_of(view: Payload) -> dict[str, tuple[str, Payload]]:
    """A view's fields by name (their action id), each with the id of the block it stands in."""
    values = as_mapping(as_mapping(view.get("state")).get("values"))
    return {
        as_text(str(name)): (as_text(str(block_id)), as_mapping(field))
        for block_id, fields in values.items()
        for name, field in as_mapping(fields).items()
    }


_CHOICES = (
    "value",
    "selected_date",
    "selected_time",
    "selected_user",
    "selected_channel",
    "selected_conversation",
)


def _entered(field: Payload) -> str:
    """What was pressed, typed or chosen in an element, as text; several choices are joined with commas."""
    typed = next((read_text(field, name) for name in _CHOICES if read_text(field, name)), "")
    several = field.get("selected_options")
    options = several if isinstance(several, list) else [field.get("selected_option")]
    return typed or ",".join(filter(None, (read_text(as_mapping(option), "value") for option in options)))


def _place_of_press(body: Payload, user: str) -> tuple[Place, str]:
    """Where a press happened, and on what: a message's time stamp, or a view's id.

    A press in the App Home has no channel; its place is the person's own direct messages, named by the user id.
    """
    container, message = as_mapping(body.get("container")), as_mapping(body.get("message"))
    channel = read_id(as_mapping(body.get("channel")), "id") or read_id(container, "channel_id") or user
    ts = read_text(container, "message_ts") or read_text(message, "ts")
    on = ts or read_text(container, "view_id") or read_text(as_mapping(body.get("view")), "id")
    thread = read_stamp(container, "thread_ts") or read_stamp(message, "thread_ts")
    return Place(ChannelId(channel), MessageTs(thread) if thread and thread != ts else None), on


def _thread_of(event: Payload) -> MessageTs | None:
    """The thread a message is in. A message that began a thread names itself: it is in the channel."""
    thread = read_stamp(event, "thread_ts")
    return MessageTs(thread) if thread and thread != read_text(event, "ts") else None


def _age(stamp: str, now: datetime) -> timedelta:
    """How long ago something was said or pressed, by Slack's time stamp: it may be delivered minutes and hours later."""
    if STAMP.fullmatch(stamp) is None:
        return timedelta(0)
    return max(now - datetime.fromtimestamp(float(stamp), UTC), timedelta(0))


def _team_of_author(body: Payload, event: Payload) -> TeamId:
    """The author's own team, which in a shared channel is not the team the event came from.

    On Enterprise Grid Slack may name the organisation instead; it stands for this team only if it is this team's.
    """
    told = read_id(event, "user_team") or read_id(event, "team") or read_id(body, "team_id")
    if told and told == read_id(body, "enterprise_id"):
        return TeamId(read_id(body, "team_id"))
    return TeamId(told)


def _team_of_presser(body: Payload) -> TeamId:
    own = read_id(as_mapping(body.get("user")), "team_id")
    return TeamId(own or read_id(as_mapping(body.get("team")), "id"))


def _reply_to(body: Payload, user: UserId, place: Place) -> ReplyTo:
    address = read_text(body, "response_url")
    return ReplyTo(user, place, response_url=address if _is_address(address) else None)


def _is_address(text: str) -> bool:
    """Whether an answer may be sent there: encrypted, unless it stays on this machine."""
    if _ADDRESS.fullmatch(text) is None:
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.hostname) and (parts.scheme == "https" or is_loopback(parts.hostname or ""))


def _without_mention(text: str, bot_user_id: UserId) -> str:
    mention = rf"\s*<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>[\s:,]*"
    return re.sub(rf"\A{mention}", "", text, count=1).strip()


def _key(*parts: str) -> RequestKey:
    key = ":".join(parts)
    if len(key) <= _LONGEST_KEY:
        return RequestKey(key)
    return RequestKey(f"{parts[0]}:{hashlib.sha256(key.encode()).hexdigest()}")
