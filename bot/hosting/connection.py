"""One HTTP exchange with oec.sh: the connections, the deadline, the cap on what is read. Knows nothing of the API."""

import asyncio
import importlib.util
import logging
import ssl
import sys
from datetime import timedelta

import httpx

from bot.core.errors import HostingUnavailableError
from bot.core.hosts import is_loopback
from bot.hosting.inflating import ACCEPTED, UnreadableError, unpacker_for
from bot.hosting.keys import ApiKey
from bot.hosting.wire import HttpAnswer, HttpRequest

LONGEST_ANSWER = 2_000_000
"""Bytes read of one answer, unpacked: a log may run to a megabyte, nothing else comes near."""

_LONGEST_CONNECT = timedelta(seconds=10)
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class Connection:
    """Kept-alive connections to one base URL. Raises `HostingUnavailableError` and nothing else."""

    def __init__(self, base_url: str, *, timeout: timedelta) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        _note_what_is_missing()
        # a line of INFO for every look would bury everything else
        logging.getLogger("httpx").setLevel(logging.WARNING)
        url = httpx.URL(self._base_url)
        seconds = timeout.total_seconds()
        self._http = httpx.AsyncClient(
            headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": "oec-bot"},
            timeout=httpx.Timeout(seconds, connect=min(seconds, _LONGEST_CONNECT.total_seconds())),
            limits=httpx.Limits(max_connections=10, keepalive_expiry=30),
            follow_redirects=False,  # the platform never redirects, and the key would travel along
            # The operator's proxy and certificate settings hold here as they do for Slack's SDK, but a stand-in on
            # this very machine is never to be sought behind a proxy.
            trust_env=not is_loopback(url.host),
            # without TLS there are no certificates to check, and reading the machine's takes a while
            verify=True if url.scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        )

    async def aclose(self) -> None:
        """Close the connections. May be called twice."""
        await self._http.aclose()

    async def exchange(self, request: HttpRequest, key: ApiKey) -> HttpAnswer:
        """Send one request and read its answer."""
        if self._http.is_closed:
            raise HostingUnavailableError("the bot is stopping", code="network_error")
        # Errors of the HTTP library are not chained: they carry the request, and with it the key.
        try:
            async with asyncio.timeout(
                self._timeout.total_seconds()
            ):  # of the whole, however slowly it drips
                return await self._send(request, key)
        except _NEVER_SENT as error:
            raise HostingUnavailableError(
                f"no connection ({type(error).__name__})", code="network_error"
            ) from None
        except (TimeoutError, httpx.TimeoutException):
            raise HostingUnavailableError(
                "no answer in time", code="timeout", may_have_acted=request.is_write
            ) from None
        except (httpx.HTTPError, UnreadableError) as error:
            raise HostingUnavailableError(
                f"the connection was lost ({type(error).__name__})",
                code="network_error",
                may_have_acted=request.is_write,
            ) from None

    async def _send(self, request: HttpRequest, key: ApiKey) -> HttpAnswer:
        headers = {**request.headers, "Authorization": f"Bearer {key.secret}"}
        url = f"{self._base_url}{request.path}"
        async with self._http.stream(request.method, url, headers=headers, json=request.json) as response:
            body = await self._read(response, request)
            return HttpAnswer(response.status_code, dict(response.headers), body)

    async def _read(self, response: httpx.Response, request: HttpRequest) -> bytes:
        """The body, unpacked here: the HTTP library unpacks a whole piece before anybody can say that it is too much."""
        body = bytearray()
        unpacker = unpacker_for(response.headers.get("Content-Encoding"))
        async for piece in response.aiter_raw():
            body += unpacker.unpack(piece, most=LONGEST_ANSWER - len(body))
            if len(body) > LONGEST_ANSWER:
                raise HostingUnavailableError(
                    "the answer is too long", code="unexpected_answer", may_have_acted=request.is_write
                )
        unpacker.end()
        return bytes(body)


def _note_what_is_missing() -> None:
    """Have Python know at once that there is no `sniffio`, where there is none.

    The HTTP library tries to import it ten times a request, and what is missing is sought on the disk each time: a
    third of what a look costs.
    """
    if importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment] # Python's own way to say so
