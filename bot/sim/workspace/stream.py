"""News for a page: server-sent events that say where to look again, only of what this person may see."""

import asyncio
import json
from collections.abc import AsyncIterator

from aiohttp import web

from bot.sim.workspace.entities import Change, JsonObject, User
from bot.sim.workspace.world import World

_HEARTBEAT_SECONDS = 15.0


class Streams:
    """Every open stream, so that all can be ended at once."""

    def __init__(self) -> None:
        self._inboxes: set[_Inbox] = set()

    async def serve(self, request: web.Request, world: World, user: User) -> web.StreamResponse:
        """Send this person's news until they go away or the server stops."""
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        )
        inbox = _Inbox(world, user)
        self._inboxes.add(inbox)
        stop_watching = world.workspace.watch(inbox.put)
        try:
            await response.prepare(request)
            await response.write(b"retry: 1000\n\n")
            async for line in inbox.lines():
                await response.write(line)
        except ConnectionError:
            pass  # the page was closed
        finally:
            stop_watching()
            self._inboxes.discard(inbox)
        return response

    def stop(self) -> None:
        """End every stream."""
        for inbox in self._inboxes:
            inbox.end()


class _Inbox:
    """One person's news not sent yet; the same news twice is sent once."""

    def __init__(self, world: World, user: User) -> None:
        self._world = world
        self._user = user
        self._news: dict[str, None] = {}
        self._something = asyncio.Event()
        self._is_ended = False

    def put(self, change: Change) -> None:
        """Keep a change if this person may see it."""
        if self._may_see(change):
            self._news[json.dumps(_notice(change))] = None
            self._something.set()

    def _may_see(self, change: Change) -> bool:
        if change.only_for not in (None, self._user.id):
            return False
        if change.channel_id is None:
            return True
        channel = self._world.workspace.channels.get(change.channel_id)
        return channel is not None and self._user.id in channel.members

    def end(self) -> None:
        """Let the stream end after what is still to be sent."""
        self._is_ended = True
        self._something.set()

    async def lines(self) -> AsyncIterator[bytes]:
        """Lines of the stream, with a comment now and then so that a dead connection is noticed."""
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_SECONDS):
                    await self._something.wait()
            except TimeoutError:
                yield b": still here\n\n"
                continue
            self._something.clear()
            news, self._news = self._news, {}
            for notice in news:
                yield f"data: {notice}\n\n".encode()
            if self._is_ended:
                return


def _notice(change: Change) -> JsonObject:
    if change.kind == "messages":
        return {"kind": "messages", "channel_id": change.channel_id, "thread_ts": change.thread_ts}
    return {"kind": change.kind}
