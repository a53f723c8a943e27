"""Ids on their way into a path: what arrives at the platform is the route that was meant, or nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.errors import HostingRefusedError, HostingUnavailableError
from bot.core.names import Action, EnvironmentId, IdempotencyKey, TaskId, UpdateMode
from bot.core.tasks import Submission
from bot.hosting import wire
from bot.hosting.client import HostingClient
from bot.hosting.connection import Connection
from bot.hosting.ids import is_uuid
from bot.hosting.keys import ApiKey

ID = "5a296461-9222-40da-91f5-9e912890dc1b"
KEY = ApiKey("OEC_API_KEY", "oec_live_rw_of-a-test")
ROUTES = ("deploy", "quick-update", "restart", "start", "stop")

HOSTILE_IDS = (
    "",
    ".",
    "..",
    "/",
    "../org",
    f"{ID}/../../org",
    f"{ID}/deploy",
    f"{ID}?x=1",
    f"{ID}#x",
    f"{ID}\n",
    f"{ID}\r\nX-Evil: 1",
    f" {ID}",
    f"{ID}%2e%2e",
    "%2e%2e%2forg",
    ID.replace("5", "５"),
    ID.replace("-", "‐"),
    ID.replace("a", "а"),
    ID[:-1] + "\ud800",
    ID + "\x00",
    f"{{{ID}}}",
    ID.replace("-", ""),
    "a" * 10_000,
    "http://evil.example/",
    "//evil.example",
    "@evil.example",
    "\\..\\org",
)
hostile_ids = st.one_of(
    st.sampled_from(HOSTILE_IDS),
    st.text(st.characters(codec=None, exclude_categories=()), max_size=40),
    st.builds(
        lambda at, what: ID[:at] + what + ID[at + 1 :],
        st.integers(0, len(ID)),
        st.text(st.characters(codec=None, exclude_categories=()), max_size=3),
    ),
)


@dataclass(slots=True)
class Recorder:
    """A server that writes down the first line of every request and knows nothing."""

    port: int = 0
    lines: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                self.lines.append(head.split("\r\n")[0])
                await reader.readexactly(_length_in(head))
                writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _length_in(head: str) -> int:
    lengths = [
        line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length:")
    ]
    return int(lengths[0]) if lengths else 0


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    recorder = Recorder()
    server = await asyncio.start_server(recorder.serve, "127.0.0.1", 0)
    recorder.port = server.sockets[0].getsockname()[1]
    yield recorder
    server.close()


def _asks(client: HostingClient, foreign: str) -> list[Callable[[], Awaitable[object]]]:
    """Everything the client can be asked that takes an id."""
    environment, task = EnvironmentId(foreign), TaskId(foreign)

    def act(action: Action) -> Callable[[], Awaitable[object]]:
        mode = UpdateMode.UPDATE_ALL if action is Action.UPDATE else None
        return lambda: client.start_action(Submission(IdempotencyKey("k"), environment, action, mode, ()))

    return [
        lambda: client.fetch_task(task),
        lambda: client.fetch_environment(environment),
        lambda: client.fetch_log(environment, TaskId(ID), lines=10),
        lambda: client.fetch_log(EnvironmentId(ID), task, lines=10),
        *(act(action) for action in Action),
    ]


async def _ask_all(port: int, foreign: str) -> None:
    client = HostingClient(
        f"http://127.0.0.1:{port}/api",
        KEY.secret,
        now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        timeout=timedelta(seconds=10),
    )
    try:
        for ask in _asks(client, foreign):
            with pytest.raises(HostingRefusedError):
                await ask()
    finally:
        await client.aclose()


@pytest.mark.parametrize("foreign", HOSTILE_IDS, ids=lambda text: ascii(text)[:30])
async def test_what_is_no_id_never_leaves(recorder: Recorder, foreign: str) -> None:
    await _ask_all(recorder.port, foreign)
    assert recorder.lines == []


async def test_id_arrives_on_the_routes_that_were_meant(recorder: Recorder) -> None:
    await _ask_all(recorder.port, ID)
    assert recorder.lines == [
        f"GET /api/deployments/{ID} HTTP/1.1",
        f"GET /api/environments/{ID} HTTP/1.1",
        *[f"GET /api/environments/{ID}/logs?task_id={ID}&lines=10 HTTP/1.1"] * 2,
        *(
            f"POST /api/environments/{ID}/{route} HTTP/1.1"
            for route in ("deploy", "restart", "start", "stop")
        ),
        f"POST /api/environments/{ID}/quick-update HTTP/1.1",
    ]


@settings(deadline=None, max_examples=200)
@given(foreign=hostile_ids)
@example(foreign=ID)
@example(foreign=ID.upper())
def test_any_text_is_an_id_or_builds_nothing(foreign: str) -> None:
    builders: list[Callable[[], wire.HttpRequest]] = [
        lambda: wire.build_task_look(TaskId(foreign)),
        lambda: wire.build_environment_look(EnvironmentId(foreign)),
        lambda: wire.build_environment_list(foreign),
        lambda: wire.build_log_look(EnvironmentId(foreign), TaskId(ID), 10),
    ]
    for build in builders:
        if is_uuid(foreign):
            assert foreign in build().path
        else:
            with pytest.raises(HostingRefusedError):
                build()


@pytest.mark.parametrize(
    "cursor",
    ["&limit=1", "a b", "../..", "\r\nX-Evil: 1", "é", "#", "%2e%2e", "a" * 4_000, "?", "=&=", "\x00"],
)
async def test_foreign_cursor_stays_one_value_of_the_query(recorder: Recorder, cursor: str) -> None:
    connection = Connection(f"http://127.0.0.1:{recorder.port}/api", timeout=timedelta(seconds=10))
    await connection.exchange(wire.build_project_list(cursor), KEY)
    await connection.aclose()
    [line] = recorder.lines
    method, target, version = line.split(" ")
    assert (method, version) == ("GET", "HTTP/1.1")
    path, _, query = target.partition("?")
    assert path == "/api/projects"
    assert query.startswith("limit=100&cursor=")
    assert query.count("&") == 1


async def test_key_does_not_travel_to_where_a_redirect_points(recorder: Recorder) -> None:
    async def lead_away(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://127.0.0.1:{recorder.port}/x\r\n"
        writer.write(f"{head}Content-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(lead_away, "127.0.0.1", 0)
    client = HostingClient(
        f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api",
        KEY.secret,
        now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
    )
    with pytest.raises(HostingUnavailableError, match="redirect"):
        await client.fetch_task(TaskId(ID))
    await client.aclose()
    server.close()
    assert recorder.lines == []
