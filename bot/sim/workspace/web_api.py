"""Slack's Web API over HTTP: encodings, tokens, scopes, rate limits, faults; keeps a record of every call."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.sim.workspace.entities import Call, JsonObject
from bot.sim.workspace.faults import CallFault
from bot.sim.workspace.methods.asking import Asked
from bot.sim.workspace.methods.catalogue import METHODS, TIER_3, Method
from bot.sim.workspace.refusals import SlackRefusal
from bot.sim.workspace.responses import accept_reply
from bot.sim.workspace.tiers import Tiers
from bot.sim.workspace.world import World

_OPEN = "apps.connections.open"
_BEARER = "Bearer "
_PAGE = "<!DOCTYPE html><title>Bad gateway</title><h1>Bad gateway</h1><p>The upstream said nothing.</p>"
"""What a proxy between Slack and the app may answer in Slack's place."""


@dataclass(frozen=True, slots=True)
class _Received:
    """One call as it arrived, and the token it came with."""

    method: str
    http_method: str
    args: JsonObject
    header_token: str | None
    args_token: str | None

    @property
    def token(self) -> str | None:
        return self.header_token or self.args_token


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The answer to send: a JSON body (or none), its status and headers."""

    body: JsonObject | None
    status: int = 200
    retry_after: int | None = None


class WebApi:
    """Answers `/api/<method>` and the addresses given out as `response_url`."""

    def __init__(self, world: World, *, enforce_tiers: bool) -> None:
        self._world = world
        self._tiers = Tiers() if enforce_tiers else None

    def routes(self) -> list[web.RouteDef]:
        """The HTTP routes of this part."""
        return [
            web.route("*", "/api/{method}", self._answer_call),
            web.post("/commands/{team}/{key}", self._answer_reply),
            web.post("/actions/{team}/{key}", self._answer_reply),
        ]

    async def _answer_call(self, request: web.Request) -> web.StreamResponse:
        at = self._world.now()
        received = await _receive(request)
        fault = self._world.faults.take_call_fault(received.method)
        if fault is not None and fault.kind == "hang":
            await asyncio.sleep(fault.seconds)
        outcome = self._decide(received, fault)
        is_lost = fault is not None and fault.kind == "drop_answer"
        self._record(at, received, outcome, is_lost=is_lost)
        if is_lost and request.transport is not None:
            request.transport.abort()
        return self._respond(outcome, fault)

    def _decide(self, received: _Received, fault: CallFault | None) -> _Outcome:
        if fault is not None and fault.kind == "ratelimit":
            return _ratelimited(fault.retry_after)
        is_swallowed = fault is not None and fault.kind in ("error", "page") and not fault.carried_out
        try:
            outcome = None if is_swallowed else self._perform(received)
        except SlackRefusal as refusal:
            return _Outcome(refusal.to_answer())
        if fault is not None and fault.kind == "error":
            return _Outcome(SlackRefusal(fault.error).to_answer())
        if fault is not None and fault.kind == "page":
            return _Outcome(None, status=fault.status)
        return outcome or _Outcome(None)

    def _perform(self, received: _Received) -> _Outcome:
        now = self._world.now()
        if received.method == _OPEN:
            return self._open_connection(received, now)
        method = METHODS.get(received.method)
        if method is None:
            raise SlackRefusal("unknown_method", req_method=received.method)
        self._check_token(received)
        self._check_scopes(method)
        wait = self._wait(received, method.per_minute, now)
        if wait:
            return _ratelimited(wait)
        asked = Asked(received.args, now, self._world.base_url)
        return _Outcome(method.answer(self._world.workspace, asked))

    def _wait(self, received: _Received, per_minute: int, now: datetime) -> int:
        if self._tiers is None:
            return 0
        channel = received.args.get("channel")
        place = channel if isinstance(channel, str) else None
        return self._tiers.seconds_to_wait(received.method, per_minute, place, now=now)

    def _open_connection(self, received: _Received, now: datetime) -> _Outcome:
        """apps.connections.open: the app-level token, in the header only, buys one ticket for a socket."""
        app = self._world.workspace.app
        if received.http_method != "POST":
            raise SlackRefusal("insecure_request")
        if received.header_token is None:
            raise SlackRefusal("missing_args")
        if received.header_token == app.bot_token:
            raise SlackRefusal("not_allowed_token_type")
        if received.header_token != app.app_token:
            raise SlackRefusal("invalid_auth")
        wait = self._wait(received, TIER_3, now)
        if wait:
            return _ratelimited(wait)
        address = self._world.base_url.replace("http", "ws", 1)
        ticket = self._world.sockets.issue_ticket()
        return _Outcome({"ok": True, "url": f"{address}/link/?ticket={ticket}&app_id={app.id}"})

    def _check_token(self, received: _Received) -> None:
        app = self._world.workspace.app
        if not received.token:
            raise SlackRefusal("not_authed")
        if received.token == app.app_token:
            raise SlackRefusal("not_allowed_token_type")
        if received.token != app.bot_token:
            raise SlackRefusal("invalid_auth")

    def _check_scopes(self, method: Method) -> None:
        granted = self._world.workspace.app.scopes
        if method.scopes and not set(method.scopes) & set(granted):
            raise SlackRefusal("missing_scope", needed=method.scopes[0], provided=",".join(granted))

    def _record(self, at: datetime, received: _Received, outcome: _Outcome, *, is_lost: bool) -> None:
        body = outcome.body or {}
        self._world.workspace.calls.append(
            Call(
                at=at,
                method=received.method,
                args=received.args,
                is_ok=body.get("ok") is True,
                error=body.get("error"),
                status=None if is_lost else outcome.status,
            )
        )

    def _respond(self, outcome: _Outcome, fault: CallFault | None) -> web.Response:
        headers = {"x-oauth-scopes": ",".join(self._world.workspace.app.scopes)}
        if outcome.retry_after is not None:
            headers["Retry-After"] = str(outcome.retry_after)
        if fault is not None and fault.kind in ("ratelimit", "page") and fault.empty_body:
            return web.Response(status=outcome.status, headers=headers)
        if outcome.body is None:
            return web.Response(status=outcome.status, text=_PAGE, content_type="text/html")
        return web.json_response(outcome.body, status=outcome.status, headers=headers)

    async def _answer_reply(self, request: web.Request) -> web.Response:
        """A post to a `response_url`; no token is asked for, the address itself is the secret."""
        try:
            body = json.loads(await request.text())
            if not isinstance(body, dict):
                raise TypeError  # noqa: TRY301 - told apart from other faults of the body below
        except (ValueError, TypeError):
            return web.json_response({"ok": False, "error": "invalid_payload"}, status=400)
        try:
            accept_reply(self._world.workspace, request.match_info["key"], body, now=self._world.now())
        except SlackRefusal as refusal:
            self._world.note_answer("response_url", body, refusal.code)
            status = 404 if refusal.code == "expired_url" else 400
            return web.json_response(refusal.to_answer(), status=status)
        self._world.note_answer("response_url", body)
        return web.Response(text="ok")


def _ratelimited(seconds: int | None) -> _Outcome:
    return _Outcome({"ok": False, "error": "ratelimited"}, status=429, retry_after=seconds)


async def _receive(request: web.Request) -> _Received:
    """Arguments from the query, a form or a JSON body; a token in them is never kept among the arguments."""
    args: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        args |= await _read_json(request)
        # Slack reads a token from a form or a query, never from a JSON body.
        args.pop("token", None)
    elif request.method == "POST":
        args |= {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
    header = request.headers.get("Authorization", "")
    token = args.pop("token", None)
    return _Received(
        method=request.match_info["method"],
        http_method=request.method,
        args=args,
        header_token=header.removeprefix(_BEARER) if header.startswith(_BEARER) else None,
        args_token=str(token) if token else None,
    )


async def _read_json(request: web.Request) -> JsonObject:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
