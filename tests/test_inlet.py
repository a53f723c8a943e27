"""The listening server: what gets through to a door, what is refused before, and that nothing holds it up."""

import asyncio
import logging
import socket
import tracemalloc
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from bot.core.arrivals import Answer, Refused
from bot.doors import SLACK_PATH
from bot.inlet import HEALTH_PATH, LOG_GAP, MOST_CONNECTIONS, Inlet, ListenError, Refusals
from bot.settings import Address

MOST = 64 * 1024


@dataclass(slots=True)
class FakeDoor:
    """Takes everything, and keeps it."""

    most_bytes: int = MOST
    answer: Answer | Refused = field(default_factory=Answer)
    failure: Exception | None = None
    taken: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    async def take(self, headers: Mapping[str, str], body: bytes) -> Answer | Refused:
        if self.failure is not None:
            raise self.failure
        self.taken.append((headers, body))
        return self.answer


@dataclass(slots=True)
class Place:
    """A listening inlet with one door, and a client."""

    inlet: Inlet
    door: FakeDoor
    http: aiohttp.ClientSession

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.inlet.port}"

    async def ask(self, path: str = SLACK_PATH, method: str = "POST", **more: object) -> tuple[int, str]:
        async with self.http.request(method, self.url + path, **more) as response:  # type: ignore[arg-type]
            return response.status, await response.text()

    async def send_raw(self, raw: bytes) -> bytes:
        """Send this as it is; what comes back until the connection ends."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.inlet.port)
        writer.write(raw)
        try:
            async with asyncio.timeout(30):
                return await reader.read()
        finally:
            writer.close()


@asynccontextmanager
async def listening(**options: Any) -> AsyncIterator[Place]:
    inlet, door = Inlet(Address("127.0.0.1", 0), is_well=_well, **options), FakeDoor()
    await inlet.open()
    inlet.put_door(SLACK_PATH, door)
    async with aiohttp.ClientSession() as http:
        yield Place(inlet, door, http)
    await inlet.close()


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with listening() as running:
        yield running


async def test_delivery_reaches_its_door_as_it_was_sent(place: Place) -> None:
    place.door.answer = Answer(200, '{"text": "heard"}', "application/json")
    assert await place.ask(data=b"\xff raw \x00", headers={"X-Sign": "one"}) == (200, '{"text": "heard"}')
    [(headers, body)] = place.door.taken
    assert body == b"\xff raw \x00"
    assert headers["x-sign"] == "one"


async def test_health_is_told_and_nothing_else(place: Place) -> None:
    assert await place.ask(HEALTH_PATH, "GET") == (200, "well")


async def test_health_asked_often_is_found_out_seldom_and_told_truly() -> None:
    now, asked, is_well = [0.0], [], [True]

    async def find_out() -> bool:
        asked.append(now[0])
        return is_well[0]

    inlet = Inlet(Address("127.0.0.1", 0), is_well=find_out, clock=lambda: now[0])
    await inlet.open()
    told = []
    async with aiohttp.ClientSession() as http:
        for moment in (0.0, 0.3, 0.9, 1.1, 1.2):
            now[0] = moment
            async with http.get(f"http://127.0.0.1:{inlet.port}{HEALTH_PATH}") as response:
                told.append((response.status, await response.text()))
            is_well[0] = False
    await inlet.close()
    assert asked == [0.0, 1.1]
    assert told == [(200, "well")] * 3 + [(503, "unwell")] * 2


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 404),
        ("/", "POST", 404),
        ("/slack/events/", "POST", 404),
        ("/slack/../health", "GET", 200),
        ("/health", "POST", 404),
        ("/oec/webhook", "POST", 404),
        ("/slack/events", "GET", 405),
        ("/slack/events", "PUT", 405),
        ("/slack/events?ssl_check=1", "GET", 200),
    ],
)
async def test_only_known_paths_and_methods_are_answered(
    place: Place, path: str, method: str, status: int
) -> None:
    answered, text = await place.ask(path, method, data=b"x" if method != "GET" else None)
    assert (answered, text in {"", "well"}) == (status, True)
    assert place.door.taken == []


async def test_path_whose_door_is_not_there_yet_or_any_more_says_not_ready(place: Place) -> None:
    place.inlet.expect("/oec/webhook")
    assert await place.ask("/oec/webhook", data=b"{}") == (503, "")
    place.inlet.put_door("/oec/webhook", place.door)
    assert await place.ask("/oec/webhook", data=b"{}") == (200, "")
    place.inlet.expect("/oec/webhook")
    assert await place.ask("/oec/webhook", data=b"{}") == (503, "")


@pytest.mark.parametrize("is_length_told", [True, False])
async def test_body_longer_than_the_most_is_refused(place: Place, *, is_length_told: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"x" * MOST
        yield b"x"

    assert await place.ask(data=b"x" * MOST) == (200, "")
    assert await place.ask(data=b"x" * (MOST + 1) if is_length_told else pieces()) == (413, "")
    assert len(place.door.taken) == 1


async def test_body_of_ten_megabytes_takes_no_memory(place: Place) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", place.inlet.port)
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    tracemalloc.start()
    try:
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(160):
            writer.write(chunk)
            await writer.drain()
        answer = await reader.read()
        _, peak = tracemalloc.get_traced_memory()
    except ConnectionError:  # cut in the middle of it, which is as well
        answer, peak = b"HTTP/1.1 413", tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        writer.close()
    assert answer.startswith(b"HTTP/1.1 413")
    assert peak < 3_000_000


async def test_compressed_body_is_refused_unread(place: Place) -> None:
    status, _ = await place.ask(data=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    assert status == 415


async def test_body_that_does_not_come_is_refused_in_the_end() -> None:
    async with listening(body_deadline=0.1) as place:
        raw = b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf"
        assert (await place.send_raw(raw)).startswith(b"HTTP/1.1 408")
        assert place.door.taken == []


async def test_caller_who_leaves_in_the_middle_is_no_error(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", place.inlet.port)
    writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
    await writer.drain()
    writer.close()
    async with asyncio.timeout(30):
        while not place.inlet.refusals.total:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.005)
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


@pytest.mark.parametrize("begun", [b"", b"POST /slack/events HTTP/1.1\r\nHost: x\r\nX-Slow: "])
async def test_connection_whose_headers_do_not_come_is_cut(begun: bytes) -> None:
    async with listening(headers_deadline=0.1) as place:
        assert await place.send_raw(begun) == b""


async def test_slow_callers_do_not_hold_up_others(place: Place) -> None:
    slow = [await asyncio.open_connection("127.0.0.1", place.inlet.port) for _ in range(50)]
    for _, writer in slow:
        writer.write(b"POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx")
    assert await place.ask(data=b"quick") == (200, "")
    for _, writer in slow:
        writer.close()


async def test_connections_beyond_the_most_are_cut(place: Place) -> None:
    held = [await asyncio.open_connection("127.0.0.1", place.inlet.port) for _ in range(MOST_CONNECTIONS)]
    reader, writer = await asyncio.open_connection("127.0.0.1", place.inlet.port)
    try:
        async with asyncio.timeout(30):
            assert await reader.read() == b""
    except ConnectionResetError:
        pass  # as well
    for _, one in [*held, (reader, writer)]:
        one.close()
    assert place.inlet.refusals.total == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03<script>canary",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\ncanary\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 1_000 + b"\r\n",
        b"POST /slack/events HTTP/1.1\r\nContent-Length: canary\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /slack/events HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\ncanary\r\n",
    ],
)
async def test_what_is_no_http_is_refused_without_an_echo_or_a_traceback(
    place: Place, raw: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await place.send_raw(raw)
    assert answer.startswith((b"HTTP/1.0 400 ", b"HTTP/1.1 4")) or answer == b""
    assert b"canary" not in answer
    assert answer == b"" or answer.endswith(b"\r\n\r\n")
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []
    assert "canary" not in caplog.text
    assert await place.ask(data=b"next") == (200, "")


async def test_door_that_breaks_is_logged_and_not_told(
    place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    place.door.failure = LookupError("our own mistake")
    assert await place.ask(data=b"x", headers={"Accept": "text/html"}) == (500, "")
    assert "our own mistake" in caplog.text


async def test_port_that_is_taken_is_said_in_one_line() -> None:
    async with listening() as place:
        with pytest.raises(ListenError, match=r"^OEC_LISTEN=127\.0\.0\.1:\d+: this port is taken.*\.$"):
            await Inlet(Address("127.0.0.1", place.inlet.port), is_well=_well).open()


async def test_address_that_is_not_ours_is_said_in_one_line() -> None:
    with pytest.raises(ListenError, match=r"no such address"):
        await Inlet(Address("192.0.2.1", 0), is_well=_well).open()


async def test_nothing_listens_once_it_is_closed() -> None:
    async with listening() as place:
        port = place.inlet.port
        await place.inlet.close()
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0


async def _well() -> bool:
    return True


# Telling the operators


def test_refusals_are_told_at_once_and_then_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    refusals = Refusals(lambda: now[0])
    for _ in range(1_000):
        refusals.count("/oec/webhook", Refused(401, "with a wrong signature"))
    assert [record.getMessage() for record in caplog.records] == [
        "Refused over HTTP: /oec/webhook: 1 with a wrong signature"
    ]
    caplog.clear()
    now[0] = LOG_GAP
    refusals.count("other paths", Refused(404, "to a path that is none of ours", "it has X-Oec-Signature"))
    [record] = caplog.records
    assert record.getMessage() == (
        "Refused over HTTP: /oec/webhook: 999 with a wrong signature; other paths: 1 to a path that is none of "
        "ours (it has X-Oec-Signature)"
    )
    assert refusals.total == 1_001


async def test_paths_of_strangers_are_not_in_the_log(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    for path in ("/canary", "/canary?secret=canary", "/slack/events/canary"):
        await place.ask(path, data=b"canary", headers={"X-Canary-Signature": "canary"})
    await place.inlet.close()
    assert "other paths: " in caplog.text
    assert "canary" not in caplog.text
