"""A page that goes away at the moment its stream begins harms nobody."""

from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp.abc import AbstractStreamWriter
from aiohttp.test_utils import make_mocked_request

from bot.sim.workspace.deliveries import Deliveries
from bot.sim.workspace.entities import Change
from bot.sim.workspace.faults import FaultPlan
from bot.sim.workspace.request_urls import RequestUrls
from bot.sim.workspace.seeds import seeded_workspace
from bot.sim.workspace.sockets import Sockets
from bot.sim.workspace.stream import Streams
from bot.sim.workspace.world import World


class Gone(AbstractStreamWriter):
    """A connection whose other end is not there any more."""

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:  # noqa: ARG002 - aiohttp's names
        raise ConnectionResetError

    async def write_eof(self, chunk: bytes = b"") -> None:  # noqa: ARG002
        raise ConnectionResetError

    async def drain(self) -> None:
        raise ConnectionResetError

    def enable_compression(self, encoding: str = "deflate", strategy: int | None = None) -> None:
        pass

    def enable_chunking(self) -> None:
        pass

    async def write_headers(self, status_line: str, headers: Any) -> None:  # noqa: ARG002
        raise ConnectionResetError


def now() -> datetime:
    return datetime(2026, 11, 2, tzinfo=UTC)


async def test_page_that_is_gone_before_its_stream_begins_is_let_go() -> None:
    workspace, faults, patience = seeded_workspace(), FaultPlan(), timedelta(seconds=1)
    sockets = Sockets(workspace, faults, ack_within=patience, now=now)
    urls = RequestUrls(workspace, ack_within=patience, now=now)
    deliveries = Deliveries(workspace, sockets, urls, retry_events_after=())
    world = World(workspace, sockets, deliveries, urls, faults, now, "http://127.0.0.1:1")
    streams = Streams()
    request = make_mocked_request("GET", "/person/stream?as=U0ANA", writer=Gone())
    await streams.serve(request, world, workspace.users["U0ANA"])
    workspace.tell(Change("workspace"))  # nobody listens any more, so nobody minds
    streams.stop()
