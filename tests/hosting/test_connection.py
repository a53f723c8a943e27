"""One exchange on a bare socket: what no well-behaved server does."""

import asyncio
import gzip
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.abc import MetaPathFinder

import pytest

from bot.core.errors import HostingUnavailableError
from bot.hosting.connection import LONGEST_ANSWER, Connection
from bot.hosting.keys import ApiKey
from bot.hosting.wire import HttpRequest

KEY = ApiKey("OEC_API_KEY", "oec_live_rw_of-a-test")
READ, WRITE = HttpRequest("GET", "/org"), HttpRequest("POST", "/x", {"Idempotency-Key": "k"}, {"mode": "m"})
Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def connected_to(behave: Behave, *, seconds: float = 5) -> AsyncIterator[Connection]:
    """A connection to a server that behaves like this after each request's head."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await behave(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    connection = Connection(f"http://127.0.0.1:{port}/base/", timeout=timedelta(seconds=seconds))
    try:
        yield connection
    finally:
        await connection.aclose()
        server.close()


async def read_head(reader: asyncio.StreamReader) -> str:
    return (await reader.readuntil(b"\r\n\r\n")).decode()


async def test_request_carries_key_headers_and_body() -> None:
    seen: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_head(reader))
        seen.append((await reader.readexactly(12)).decode())
        writer.write(b"HTTP/1.1 202 Accepted\r\nX-Odd: One\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    async with connected_to(answer) as connection:
        told = await connection.exchange(WRITE, KEY)

    assert (told.status, told.headers["x-odd"], told.body) == (202, "One", b"{}")
    assert seen[0].startswith("POST /base/x HTTP/1.1\r\n")
    head = seen[0].lower()
    assert "authorization: bearer oec_live_rw_of-a-test" in head
    assert "idempotency-key: k" in head
    assert "accept: application/json" in head
    assert seen[1] == '{"mode":"m"}'


class Seeker(MetaPathFinder):
    """Hears of every module that Python begins to seek."""

    def __init__(self) -> None:
        self.sought: list[str] = []

    def find_spec(self, fullname: str, *_: object) -> None:
        self.sought.append(fullname)


async def test_no_module_is_sought_at_each_request() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(3):
            await read_head(reader)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
            await writer.drain()

    seeker = Seeker()
    async with connected_to(answer) as connection:
        await connection.exchange(READ, KEY)
        sys.meta_path.insert(0, seeker)
        try:
            for _ in range(2):
                await connection.exchange(READ, KEY)
        finally:
            sys.meta_path.remove(seeker)

    assert seeker.sought == []


async def test_endless_answer_is_cut_off() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
            await writer.drain()

    async with connected_to(pour) as connection:
        with pytest.raises(HostingUnavailableError, match="too long"):
            await connection.exchange(READ, KEY)


async def test_answer_that_just_fits_is_read() -> None:
    async def pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {LONGEST_ANSWER}\r\n\r\n"
        writer.write(head.encode() + b"x" * LONGEST_ANSWER)
        await writer.drain()

    async with connected_to(pour) as connection:
        assert len((await connection.exchange(READ, KEY)).body) == LONGEST_ANSWER


async def test_answer_that_drips_for_ever_is_given_up() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with connected_to(drip, seconds=1) as connection:
        with pytest.raises(HostingUnavailableError) as lost:
            await connection.exchange(WRITE, KEY)

    assert (lost.value.code, lost.value.may_have_acted) == ("timeout", True)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nbad",
    ],
    ids=["nothing", "another protocol", "cut body", "cut head"],
)
async def test_broken_answer_is_lost(answer: bytes) -> None:
    async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(answer)
        await writer.drain()

    async with connected_to(break_off) as connection:
        with pytest.raises(HostingUnavailableError) as lost:
            await connection.exchange(WRITE, KEY)

    assert (lost.value.code, lost.value.may_have_acted) == ("network_error", True)


async def test_body_that_lies_about_its_encoding_is_lost() -> None:
    async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope")
        await writer.drain()

    async with connected_to(lie) as connection:
        with pytest.raises(HostingUnavailableError, match="lost"):
            await connection.exchange(READ, KEY)


async def test_packed_answer_is_read_and_one_that_grows_for_ever_is_cut_off() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(b" " * 1_000_000) for _ in range(30)) + packer.flush()

    def serving(packed: bytes) -> Behave:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            assert "accept-encoding: gzip\r\n" in (await read_head(reader)).lower()
            head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n"
            writer.write(head.encode() + packed)
            await writer.drain()

        return answer

    async with connected_to(serving(gzip.compress(b'{"a": 1}'))) as connection:
        assert (await connection.exchange(READ, KEY)).body == b'{"a": 1}'
    async with connected_to(serving(bomb)) as connection:
        with pytest.raises(HostingUnavailableError, match="too long"):
            await connection.exchange(READ, KEY)


async def test_encoding_that_was_not_asked_for_is_lost() -> None:
    async def insist(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\nContent-Length: 4\r\n\r\nnope")
        await writer.drain()

    async with connected_to(insist) as connection:
        with pytest.raises(HostingUnavailableError, match="lost") as lost:
            await connection.exchange(WRITE, KEY)
    assert lost.value.may_have_acted


async def test_closed_connection_says_so() -> None:
    connection = Connection("http://127.0.0.1:9/base", timeout=timedelta(seconds=5))
    await connection.aclose()
    await connection.aclose()

    with pytest.raises(HostingUnavailableError, match="the bot is stopping"):
        await connection.exchange(READ, KEY)


@pytest.mark.parametrize(
    ("base_url", "trusts"),
    [
        ("http://127.0.0.1:8421/api", False),
        ("http://localhost:8421/api", False),
        ("http://[::1]:8421/api", False),
        ("https://api.oec.sh/api/public/v1", True),
    ],
)
async def test_proxy_of_the_operator_is_honoured_except_for_this_machine(base_url: str, trusts: bool) -> None:
    connection = Connection(base_url, timeout=timedelta(seconds=5))

    assert connection._http.trust_env is trusts
    await connection.aclose()
