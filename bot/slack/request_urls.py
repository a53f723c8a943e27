"""Slack's HTTP mode: what Slack posts to the app's request URL, checked and handed to the same listeners as a socket's.

The signature is checked here and not by Bolt, which would read the body first and print it whole where the signature is
wrong. A signature that was seen before is acknowledged and not carried out again: Slack itself never sends one twice.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.signature import Clock, SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.core.arrivals import Answer, Refused, SeenLately
from bot.slack.bolt import make_app
from bot.slack.frames import is_sound
from bot.slack.identity import Identity
from bot.slack.listeners import Listeners

MOST_BYTES = 1024 * 1024
"""A modal may have 250 kB, and its JSON grows in a form; nothing of Slack's is longer than this."""

WINDOW = timedelta(minutes=5)
"""How old a request may be; Slack's own figure. A signature is remembered for twice as long: our clock may be behind."""

MOST_REMEMBERED = 50_000
"""More than Slack delivers to one app in that time."""

SIGNATURE, TIMESTAMP = "X-Slack-Signature", "X-Slack-Request-Timestamp"

_PASSED_ON = ("Content-Type", "X-Slack-Retry-Num", "X-Slack-Retry-Reason")
_LONGEST_PROBE = 1_000
_UNREADABLE = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Bolt raises for a body that is no form and no JSON object."""


class RequestUrl:
    """The bot's ear at Slack without a socket. The same to its owner as a `Connection`."""

    most_bytes = MOST_BYTES

    def __init__(
        self,
        client: AsyncWebClient,
        identity: Identity,
        listeners: Listeners,
        *,
        signing_secret: str,
        now: Callable[[], datetime],
    ) -> None:
        self._app = make_app(client, identity, listeners)
        self._listeners = listeners
        self._now = now
        self._verifier = SignatureVerifier(signing_secret, _WallClock(now))
        self._seen = SeenLately(span=2 * WINDOW, most=MOST_REMEMBERED)
        self._under_way: set[asyncio.Task[object]] = set()
        self._is_closed = False

    @property
    def silent_for(self) -> timedelta | None:
        """Not known: Slack comes when people do something, and nobody may be doing anything."""
        return None

    @property
    def is_idle(self) -> bool:
        """Whether nothing that was heard is still being worked on."""
        return self._listeners.is_idle and not self._under_way

    async def open(self) -> None:
        """Nothing to do: Slack comes to us."""

    async def watch_once(self) -> None:
        """Nothing to do: there is no connection that could be lost."""

    async def rest(self, *, within: float) -> None:
        """Let the work that was taken on end, at most so many seconds, hearing and acknowledging all the while."""
        deadline = time.monotonic() + within
        while not self.is_idle and time.monotonic() < deadline:  # noqa: ASYNC110 - two owners, no common event
            await asyncio.sleep(0.01)

    async def close(self, *, patience: float = 3.0) -> None:
        """Take nothing more; let what was taken be acknowledged and worked on, at most so many seconds for each."""
        self._is_closed = True
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=patience)
        await self._listeners.finish(patience=patience)

    async def take(self, headers: Mapping[str, str], body: bytes) -> Answer | Refused:
        """Take one delivery and acknowledge it, or refuse it. `headers` must ignore case."""
        if SIGNATURE not in headers and _is_probe(body):
            return Answer()
        refused = self._find_fault(headers, body)
        if refused is not None:
            return refused
        if self._is_closed:
            return Refused(503, "after the bot had begun to stop")
        if not self._seen.is_new(headers[SIGNATURE], self._now()):
            return Answer()
        answer = await self._dispatch(headers, body)
        if not 200 <= answer.status < 300:
            self._seen.forget(
                headers[SIGNATURE]
            )  # not taken after all: Slack may try again within the second
        return answer

    def _find_fault(self, headers: Mapping[str, str], body: bytes) -> Refused | None:
        signature, timestamp = headers.get(SIGNATURE), headers.get(TIMESTAMP, "")
        if not signature:
            return Refused(401, "without Slack's signature")
        if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
            return Refused(401, "without Slack's time")
        if abs(self._now().timestamp() - int(timestamp)) > WINDOW.total_seconds():
            return Refused(401, "older than five minutes, or the clock here is wrong")
        try:
            is_valid = self._verifier.is_valid(body, timestamp, signature)
        except (TypeError, UnicodeDecodeError):  # a signature with strange letters, a body that is no text
            is_valid = False
        return None if is_valid else Refused(401, "with a wrong signature")

    async def _dispatch(self, headers: Mapping[str, str], body: bytes) -> Answer | Refused:
        request = _read_request(headers, body)
        if request is None:
            return Refused(400, "signed, but not readable")
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - every coroutine runs in a task
        self._under_way.add(task)
        try:
            return _read(await self._app.async_dispatch(request))
        finally:
            self._under_way.discard(task)


class _WallClock(Clock):
    """The bot's clock as Slack's library wants it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now

    def now(self) -> float:
        """Unix seconds."""
        return self._now().timestamp()


def _read_request(headers: Mapping[str, str], body: bytes) -> AsyncBoltRequest | None:
    """The request as Bolt wants it, or None for what Bolt would break on. Unknown headers stay behind: none is signed."""
    passed_on: dict[str, str | Sequence[str]] = {
        name: headers[name] for name in _PASSED_ON if name in headers
    }
    try:
        request = AsyncBoltRequest(body=body.decode(), headers=passed_on)
    except _UNREADABLE:
        return None
    return request if is_sound(request.body) else None


def _read(response: BoltResponse) -> Answer | Refused:
    if not 200 <= response.status < 300:
        return Refused(response.status, "signed, but nothing that anybody here listens to")
    body = response.body or ""
    media_type = "application/json" if body.startswith("{") else "text/plain"
    return Answer(response.status, body, media_type)


def _is_probe(body: bytes) -> bool:
    """Whether Slack only looks whether our certificate is good, which it does unsigned."""
    if len(body) > _LONGEST_PROBE:
        return False
    return ("ssl_check", "1") in parse_qsl(body.decode(errors="replace"))
