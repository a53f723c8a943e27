"""One call of Slack's Web API: made with a deadline, and its failure told as one of the two chat errors.

slack_sdk reports failure in four shapes: `SlackApiError` for `ok: false`, the same with an empty or foreign body for
429 and 5xx, aiohttp's errors for the network, and plain Python errors where a proxy answers with a page of its own.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.core.errors import ChatError, ChatRefusedError, ChatUnavailableError
from bot.core.hosts import is_loopback
from bot.slack.verdicts import NOT_NOW, PERHAPS_DONE, RATE_LIMITED, find_cure

UNTOLD_RETRY_AFTER = timedelta(seconds=5)
"""How long to wait after a 429 that does not say."""

_log = logging.getLogger(__name__)


async def call(request: Awaitable[AsyncSlackResponse], *, deadline: float) -> AsyncSlackResponse:
    """Slack's answer to a request, within `deadline` seconds. Raises `ChatRefusedError` or `ChatUnavailableError`."""
    try:
        async with asyncio.timeout(deadline):
            return await request
    except SlackApiError as error:
        raise as_chat_error(error) from None
    except (aiohttp.ConnectionTimeoutError, aiohttp.ClientConnectorError) as error:
        # no connection, so nothing was sent
        raise ChatUnavailableError(type(error).__name__) from None
    except TimeoutError:
        raise ChatUnavailableError("timeout", may_have_acted=True) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ChatUnavailableError(type(error).__name__, may_have_acted=True) from None
    except (ValueError, AttributeError):
        # slack_sdk trips over a body that is text, or JSON but no object: a proxy's page, not Slack's answer.
        raise ChatUnavailableError("unreadable answer", may_have_acted=True) from None


def as_chat_error(error: SlackApiError) -> ChatError:
    """What an unsuccessful answer means: not now, or not this."""
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    body = getattr(response, "data", None)
    reason = body.get("error") if isinstance(body, dict) else None
    if status == 429 or reason in RATE_LIMITED:
        headers = getattr(response, "headers", {})
        return ChatUnavailableError("ratelimited", retry_after=retry_after(headers.get("Retry-After")))
    if not isinstance(reason, str) or not reason:
        return ChatUnavailableError(f"http_{status}", may_have_acted=True)
    if reason in NOT_NOW | PERHAPS_DONE:
        return ChatUnavailableError(reason, may_have_acted=reason in PERHAPS_DONE)
    _log_details(reason, body)
    return ChatRefusedError(reason, cure=find_cure(reason))


def retry_after(told: str | None) -> timedelta:
    """The wait a 429 asks for."""
    try:
        return max(timedelta(seconds=float(told or "")), timedelta())
    except (ValueError, OverflowError):
        return UNTOLD_RETRY_AFTER


def _log_details(reason: str, body: Any) -> None:
    """Slack names the very place in our blocks that it did not like; without that line nobody finds it."""
    details = (body.get("response_metadata") or {}).get("messages") or ()
    if details:
        _log.error("Slack refused with %s: %s", reason, "; ".join(map(str, details)))


@asynccontextmanager
async def open_client(token: str | None, *, api_url: str) -> AsyncIterator[AsyncWebClient]:
    """A Web API client on one shared connection pool, closed at the end. Its own retries are off: ours know better."""
    timeout = aiohttp.ClientTimeout(total=30, sock_connect=5)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield make_client(token, api_url=api_url, session=session)


def make_client(token: str | None, *, api_url: str, session: aiohttp.ClientSession) -> AsyncWebClient:
    """A Web API client. The proxy of the environment is used, unless the address is on this machine or in NO_PROXY.

    slack_sdk itself would send even loopback traffic through `HTTPS_PROXY`, and never looks at `NO_PROXY`.
    """
    logger = logging.getLogger("slack_sdk.web")
    client = AsyncWebClient(token=token, base_url=api_url, session=session, retry_handlers=[], logger=logger)
    if is_direct(api_url):
        client.proxy = None
    return client


def is_direct(url: str) -> bool:
    """Whether this address is reached without the proxy that the environment may name."""
    host = urlsplit(url).hostname or ""
    return is_loopback(host) or bool(proxy_bypass(host))
