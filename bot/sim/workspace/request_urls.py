"""HTTP mode: what Slack posts to an app's request URLs, signed, and how it reads the answers."""

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urljoin

import aiohttp

from bot.sim.workspace.entities import App, JsonObject
from bot.sim.workspace.envelopes import Delivery, Envelope
from bot.sim.workspace.store import Workspace

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
_AGENT = "Slackbot 1.0 (+https://api.slack.com/robots)"
_MOST_REDIRECTS = 2
# In the words of `x-slack-retry-reason`; an event that waited in vain on a socket is a `timeout` there, not here.
_REASONS = {"timeout": "http_timeout"}


class AddressRefused(Exception):  # noqa: N818 - told to whoever installs the app
    """A request URL that does not prove to be the app's; the words say how."""


@dataclass(frozen=True, slots=True)
class _Posting:
    """One request as it goes out."""

    url: str
    body: bytes
    media_type: str
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back."""

    status: int
    media_type: str
    text: str
    may_retry: bool


class _TooManyRedirects(Exception):  # noqa: N818 - Slack's own word for it
    """The address leads on and on."""


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """`X-Slack-Signature` of a body sent at this time (Unix seconds)."""
    signed = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class RequestUrls:
    """Posts envelopes to the addresses that the app declares."""

    def __init__(self, workspace: Workspace, *, ack_within: timedelta, now: Callable[[], datetime]) -> None:
        self._workspace = workspace
        self._ack_within = ack_within
        self._now = now
        self._session: aiohttp.ClientSession | None = None

    async def deliver(self, envelope: Envelope) -> Delivery:
        """Post an envelope to its address and read the acknowledgement, within Slack's patience."""
        url = find_url(self._workspace.app, envelope)
        if url is None:
            return Delivery(envelope.id, was_sent=False, may_retry=False)
        loop = asyncio.get_running_loop()
        sent_at = loop.time()
        try:
            answer = await self._post(_write(url, envelope))
        except TimeoutError:
            return Delivery(envelope.id, was_sent=True, problem="http_timeout")
        except _TooManyRedirects:
            return Delivery(envelope.id, was_sent=True, problem="too_many_redirects")
        except (aiohttp.ClientSSLError, ssl.SSLError):
            return Delivery(envelope.id, was_sent=False, problem="ssl_error")
        except aiohttp.ClientConnectorError:
            return Delivery(envelope.id, was_sent=False, problem="connection_failed")
        except (aiohttp.ClientError, ValueError):
            return Delivery(envelope.id, was_sent=True, problem="unknown_error")
        return _read(envelope, answer, round((loop.time() - sent_at) * 1000, 3))

    async def verify(self, url: str) -> None:
        """Ask the address for the events to say a challenge back. Raises AddressRefused."""
        challenge = secrets.token_urlsafe(39)
        asked = {"token": "sandbox-verification", "challenge": challenge, "type": "url_verification"}
        try:
            answer = await self._post(_Posting(url, json.dumps(asked).encode(), _JSON, {}))
        except (TimeoutError, aiohttp.ClientError, _TooManyRedirects, ValueError) as error:
            raise AddressRefused(f"{url} could not be asked: {type(error).__name__}.") from None
        if answer.status != 200 or _read_challenge(answer) != challenge:
            raise AddressRefused(f"{url} did not answer with the value of the challenge parameter.")

    async def _post(self, posting: _Posting) -> _Answer:
        session = self._open_session()
        url = posting.url
        async with asyncio.timeout(self._ack_within.total_seconds()):
            for _ in range(_MOST_REDIRECTS + 1):
                async with session.post(
                    url, data=posting.body, headers=self._headers(posting), allow_redirects=False
                ) as response:
                    if response.status not in (301, 302, 307, 308):
                        return await _take(response)
                    url = urljoin(url, response.headers.get("Location", ""))
        raise _TooManyRedirects

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(trust_env=False)
        return self._session

    def _headers(self, posting: _Posting) -> dict[str, str]:
        timestamp = str(int(self._now().timestamp()))
        return posting.headers | {
            "Accept": "*/*",
            "Content-Type": posting.media_type,
            "User-Agent": _AGENT,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self._workspace.app.signing_secret, timestamp, posting.body),
        }

    async def stop(self) -> None:
        """Close what is open."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def find_url(app: App, envelope: Envelope) -> str | None:
    """Where an app without sockets takes this; None where it said nothing about it."""
    match envelope.kind:
        case "slash_commands":
            named = (one.url for one in app.commands if one.command == envelope.payload["command"])
            return next(named, None)
        case "interactive":
            return app.interactivity_url
        case _:
            return app.events_url


def _write(url: str, envelope: Envelope) -> _Posting:
    """Commands are forms, interactions a form around JSON, events JSON that says how often it was tried."""
    match envelope.kind:
        case "slash_commands":
            return _Posting(url, urlencode(envelope.payload).encode(), _FORM, {})
        case "interactive":
            body = urlencode({"payload": json.dumps(envelope.payload)}).encode()
            return _Posting(url, body, _FORM, {})
        case _:
            headers = {}
            if envelope.attempt:
                reason = _REASONS.get(envelope.reason, envelope.reason)
                headers = {"x-slack-retry-num": str(envelope.attempt), "x-slack-retry-reason": reason}
            return _Posting(url, json.dumps(envelope.payload).encode(), _JSON, headers)


async def _take(response: aiohttp.ClientResponse) -> _Answer:
    return _Answer(
        response.status,
        response.content_type,
        await response.text(errors="replace"),
        may_retry=response.headers.get("x-slack-no-retry") != "1",
    )


def _read(envelope: Envelope, answer: _Answer, took: float) -> Delivery:
    if not 200 <= answer.status < 300:
        return Delivery(
            envelope.id,
            was_sent=True,
            problem="http_error",
            status=answer.status,
            may_retry=answer.may_retry,
        )
    payload = _read_payload(answer) if envelope.accepts_response_payload else None
    # A bare text is an answer to a command; to anything else it is politeness.
    if payload is None and envelope.kind == "slash_commands" and answer.text.strip():
        payload = {"text": answer.text}
    return Delivery(
        envelope.id, was_sent=True, is_acked=True, ack_ms=took, payload=payload, status=answer.status
    )


def _read_payload(answer: _Answer) -> JsonObject | None:
    if answer.media_type != _JSON:
        return None
    try:
        payload = json.loads(answer.text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) and payload else None


def _read_challenge(answer: _Answer) -> str | None:
    """The challenge as plain text, as a form or as JSON."""
    if answer.media_type == _JSON:
        return str((_read_payload(answer) or {}).get("challenge"))
    if answer.media_type == _FORM:
        return next(iter(parse_qs(answer.text).get("challenge", [])), None)
    return answer.text.strip()
