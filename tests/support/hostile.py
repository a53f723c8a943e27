"""Text as nobody would wish it, put wherever text can come from, and a check that it did no harm in Slack.

Where it can come from is not listed here by hand: oec.sh's fields are those of the simulator's schemas, Slack's those of
the stand-in's entities.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, fields, replace
from typing import Any, TypeVar

import httpx
from aiohttp import web

from bot.sim.hosting.objects import OBJECTS
from bot.sim.hosting.routes.table import ROUTES
from bot.sim.hosting.schemas import Schema
from bot.sim.hosting.shapes import BASE
from bot.sim.workspace.store import Workspace
from tests.support.block_limits import find_open_marks, find_pings
from tests.support.calls import find_breaches

Json = Any
Entity = TypeVar("Entity")

HOSTILE = (
    "*b* _i_ ~s~ `c` ```pre``` <!channel> <!here|here> <!everyone> <@U0GUS> <@U0GUS|ana> <#C0SECRET> <!subteam^S0ALL> "
    "&lt;!channel&gt; @here @channel <https://evil.example|ok> https://evil.example <mailto:a@evil.example|mail> "
    "\u2066bidi\u2069 \u202e\u200b\x00\x07\x1b[31m\r\n> quote\n• item\u2028:tada: {} {0} %s $(x) \ud800 z\u0301\u0301\u0301"
    "\u0301\u0301\u0301\u0301\u0301 🚀 | \\ ' \" </b> <"
)
LONG = (HOSTILE * 100)[:10_000]
ADDRESSES = (
    "https://erp.example/x|y> <!channel>",
    "https://erp.example/\n<https://evil.example|ok>",
    "javascript:alert(1)",
    "https://user:pass@evil.example/",
    "//evil.example",
)

_KEPT = frozenset({("Task", "status"), ("Accepted", "status")})
"""Left alone: by them the walk goes on. What an odd one does has a test of its own."""

_LINK = re.compile(r"<(?![@#!])([^<>|]*)(?:\|([^<>]*))?>")
_CODE = re.compile(r"`[^`\n]+`")
_NEVER = (
    "*b*",
    "_i_",
    "~s~",
    "`c`",
    "```",
    ":tada:",
    "\x00",
    "\x07",
    "\x1b",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
)


@dataclass(frozen=True, slots=True)
class Monster:
    """An answer that is no answer."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 200


@dataclass(slots=True)
class Poison:
    """Puts one text in place of every free text of oec.sh's answers; `places` are those it has reached."""

    text: str
    places: set[tuple[str, str]] = field(default_factory=set)
    also_status: bool = False
    monsters: list["Monster"] = field(default_factory=list)
    """What the next looks at a task get in place of an answer."""

    def spoil(self, body: Json, schema: Schema, at: tuple[str, str] = ("", "")) -> Json:
        """An answer's body, spoilt as far as its schema calls for any text."""
        if "$ref" in schema:
            name = str(schema["$ref"]).rpartition("/")[2]
            return self.spoil(body, OBJECTS[name], (name, ""))
        if isinstance(body, dict):
            inner = schema.get("properties", {})
            return {
                name: self.spoil(value, inner.get(name, {}), (at[0], name)) for name, value in body.items()
            }
        if isinstance(body, list):
            return [self.spoil(one, schema.get("items", {}), at) for one in body]
        if isinstance(body, str) and self._is_free(schema, at):
            self.places.add(at)
            return self.text
        return body

    def _is_free(self, schema: Schema, at: tuple[str, str]) -> bool:
        kinds = schema.get("type", ())
        is_text = "string" in ([kinds] if isinstance(kinds, str) else kinds)
        is_bound = bool({"enum", "pattern", "format"} & schema.keys())
        return is_text and not is_bound and (self.also_status or at not in _KEPT)

    def spoil_error(self, body: Json) -> Json:
        """A refusal with every text but its code spoilt."""
        if isinstance(body, dict):
            kept = {"error", "reason", "task_id"}
            return {name: value if name in kept else self.spoil_error(value) for name, value in body.items()}
        if isinstance(body, list):
            return [self.spoil_error(one) for one in body]
        return self.text if isinstance(body, str) else body


def reply_schema(method: str, path: str) -> Schema | None:
    """What a route of the simulator answers by its schema."""
    for route in ROUTES:
        shape = re.sub(r"\{\w+\}", "[^/]+", BASE + route.path)
        if route.method == method and re.fullmatch(shape, path):
            return None if route.reply.schema is None else dict(route.reply.schema)
    return None


@asynccontextmanager
async def poisoned_hosting(url: str, poison: Poison) -> AsyncIterator[str]:
    """An address in front of the simulator's, whose answers are poisoned on their way."""
    async with httpx.AsyncClient(base_url=url) as client:

        async def pass_on(request: web.Request) -> web.Response:
            if poison.monsters and "/deployments/" in request.path:
                monster = poison.monsters.pop()
                return web.Response(status=monster.status, body=monster.body, headers=monster.headers)
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
            answer = await client.request(
                request.method, str(request.rel_url), headers=headers, content=await request.read()
            )
            body = answer.json() if answer.content else None
            schema = reply_schema(request.method, request.path)
            if answer.is_success and schema is not None:
                body = poison.spoil(body, schema)
            elif answer.is_error:
                body = poison.spoil_error(body)
            return web.Response(
                status=answer.status_code, text=json.dumps(body), content_type="application/json"
            )

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", pass_on)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.2)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}"
        finally:
            await runner.cleanup()


_HOP = frozenset({"host", "connection", "content-length", "accept-encoding"})


def poison_workspace(workspace: Workspace, text: str) -> None:
    """Name every person, channel, group and the team itself so, in every field that is text and no id."""
    for user in tuple(workspace.users.values()):
        workspace.put_user(_renamed(user, text))
    for channel in tuple(workspace.channels.values()):
        workspace.put_channel(_renamed(channel, text))
    for group in tuple(workspace.groups.values()):
        workspace.put_group(_renamed(group, text))


_NO_TEXT = frozenset({"id", "team_id", "color", "tz"})
"""Ids, a word of the stand-in's own, and the time zone, which is one of a list at Slack's."""


def _renamed(entity: Entity, text: str) -> Entity:
    named = {
        one.name: text
        for one in fields(entity)  # type: ignore[arg-type]  # a dataclass, as every entity of the stand-in is
        if isinstance(getattr(entity, one.name), str) and one.name not in _NO_TEXT
    }
    return replace(entity, **named)  # type: ignore[type-var]


def find_harm(workspace: Workspace, known: frozenset[str]) -> list[str]:
    """What hostile text has done in what the bot sent: pings of others than `known`, foreign links, broken layout."""
    found = find_breaches(workspace)
    for sent in [call.args for call in workspace.calls] + [answer.body for answer in workspace.answers]:
        shown = {name: _read(value) for name, value in sent.items() if name in {"text", "blocks", "view"}}
        found += [f"pings {ping}" for ping in find_pings(list(shown.values())) - known]
        found += [f"an open mark: {text[:80]}" for text in find_open_marks(list(shown.values()))]
        found += _find_markup(list(shown.values()))
    return list(dict.fromkeys(found))


def _find_markup(shown: Json) -> Iterator[str]:
    for text in _marked(shown):
        formatted = _CODE.sub("", text)
        yield from (f"{bad!r} in {text[:80]!r}" for bad in _NEVER if bad in formatted)
        yield from (
            f"a link to {target}" for target, label in _LINK.findall(text) if not _is_honest(target, label)
        )
        yield from ("a code span left open" for line in text.split("\n") if line.count("`") % 2)


def _is_honest(target: str, label: str) -> bool:
    """Whether a link leads to the host it shows, or to a message of Slack's own."""
    host = re.fullmatch(r"(?:https|http)://([^/?#]+)(?:[/?#].*)?", target)
    return host is not None and "@" not in host[1] and "evil" not in host[1] and bool(label)


def _marked(node: Json) -> Iterator[str]:
    """Texts that Slack reads as markup, wherever they stand; the one line beside the blocks is one of them."""
    match node:
        case str():
            yield node
        case {"type": "rich_text"}:
            kinds = {element["type"] for part in node["elements"] for element in part["elements"]}
            assert kinds <= {"text"}, kinds
        case {"type": "plain_text"}:
            return
        case {"type": "mrkdwn", "text": str(text)}:
            yield text
        case Mapping():
            for name, value in node.items():
                if name in {"text", "blocks", "elements", "fields", "accessory"} or isinstance(value, dict):
                    yield from _marked(value) if not isinstance(value, str) else ()
        case list():
            for one in node:
                yield from _marked(one)
        case _:
            return


def _read(value: Json) -> Json:
    is_json = isinstance(value, str) and value[:1] in {"[", "{"}
    return json.loads(value) if is_json else value
