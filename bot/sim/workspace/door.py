"""The side door's manners: JSON in, JSON out, refusals in plain words."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot.sim.workspace.entities import JsonObject
from bot.sim.workspace.world import PersonRefused

Answering = Callable[[JsonObject], Awaitable[JsonObject]]


def with_query(answer: Answering) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer a GET from its query."""

    async def respond(request: web.Request) -> web.Response:
        return await _respond(answer, dict(request.query))

    return respond


def with_body(answer: Answering) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer a POST from its JSON body."""

    async def respond(request: web.Request) -> web.Response:
        try:
            body = json.loads(await request.text())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return refusal(PersonRefused(400, "The body must be a JSON object."))
        return await _respond(answer, body)

    return respond


async def _respond(answer: Answering, given: JsonObject) -> web.Response:
    try:
        return web.json_response(await answer(given), headers={"Cache-Control": "no-store"})
    except PersonRefused as refused:
        return refusal(refused)


def refusal(refused: PersonRefused) -> web.Response:
    """What a person cannot do, said over HTTP."""
    return web.json_response({"error": refused.words}, status=refused.status)


def needed(given: JsonObject, name: str) -> str:
    """A word that must be there."""
    value = given.get(name)
    if not isinstance(value, str) or not value:
        raise PersonRefused(400, f"Say `{name}`.")
    return value
