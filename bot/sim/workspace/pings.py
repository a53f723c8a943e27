"""Whom a message notifies: the people, groups and broadcasts that its markup names."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.sim.workspace.entities import Channel, Content, Group, JsonObject, Message, User

BROADCASTS = frozenset({"here", "channel", "everyone"})
_MARK = re.compile(r"<(?:@([UW][A-Z0-9]+)|!subteam\^(S[A-Z0-9]+)|!(here|channel|everyone))(?:[|^][^<>]*)?>")
_BARE_BROADCAST = re.compile(r"(?<![\w@])@(here|channel|everyone)\b")

# The elements of rich text that name somebody, and the field that says whom.
_NAMED_BY = {"user": "user_id", "usergroup": "usergroup_id", "broadcast": "range"}


def find_pinged(
    message: Message, channel: Channel, users: Mapping[str, User], groups: Mapping[str, Group]
) -> tuple[str, ...]:
    """The ids of the people whom posting this message notifies: named members of the channel, its author excepted."""
    named: set[str] = set()
    for mention in find_mentions(message.content):
        if mention in BROADCASTS:
            named.update(channel.members)
        elif mention in groups:
            named.update(groups[mention].users)
        else:
            named.add(mention)
    reached = {
        user_id for user_id in named if user_id in channel.members and _can_be_reached(users.get(user_id))
    }
    reached.discard(message.user_id)
    if message.only_for is not None:
        reached &= {message.only_for}
    return tuple(sorted(reached))


def _can_be_reached(user: User | None) -> bool:
    return user is not None and not user.is_bot and not user.is_deactivated


def find_mentions(content: Content) -> list[str]:
    """Whom a message names as Slack reads it: ids of people and groups, `here`, `channel`, `everyone`; each once.

    Its text counts beside its blocks: it is what a notification shows.
    """
    found = _in_markup(content.text)
    for part in (*content.blocks, *content.attachments):
        found += _in_part(part)
    return list(dict.fromkeys(found))


def _in_markup(text: str) -> list[str]:
    return [next(name for name in mark if name) for mark in _MARK.findall(text)]


def _in_part(part: Any) -> Iterator[str]:
    """The mentions in a block, in whatever it holds; plain text names nobody."""
    match part:
        case {"type": "mrkdwn" | "markdown" as kind, "text": str(text)}:
            yield from _in_markup(text)
            if kind == "mrkdwn" and part.get("verbatim") is not True:
                # Unless told not to, Slack makes mentions of bare words here.
                yield from _BARE_BROADCAST.findall(text)
        case {"type": "user" | "usergroup" | "broadcast" as kind, **named}:
            yield str(named.get(_NAMED_BY[kind]))
        case {"type": "plain_text"}:
            pass
        case dict():
            yield from _in_fields(part)
        case list():
            for item in part:
                yield from _in_part(item)
        case _:
            pass


def _in_fields(part: JsonObject) -> Iterator[str]:
    for name, value in part.items():
        if name in ("text", "pretext", "fallback") and isinstance(value, str) and "type" not in part:
            yield from _in_markup(value)  # an attachment's own text
        else:
            yield from _in_part(value)
