"""An app written straight onto the socket, for tests that look at frames or choose when to acknowledge."""

import asyncio
import json
from collections.abc import Awaitable
from typing import Any

import aiohttp

from bot.sim.workspace.seeds import APP_TOKEN

JsonObject = dict[str, Any]


class WireApp:
    """One connection; collects frames, acknowledges by hand."""

    def __init__(self, url: str, http: aiohttp.ClientSession) -> None:
        self._url = url
        self._http = http
        self._socket: aiohttp.ClientWebSocketResponse | None = None

    @property
    def socket(self) -> aiohttp.ClientWebSocketResponse:
        assert self._socket is not None
        return self._socket

    async def open_url(self, query: str = "") -> str:
        """Ask for a place to connect to."""
        async with self._http.post(
            f"{self._url}/api/apps.connections.open", headers={"Authorization": f"Bearer {APP_TOKEN}"}
        ) as response:
            answer = await response.json()
        assert answer["ok"], answer
        return f"{answer['url']}{query}"

    async def connect(self, query: str = "") -> JsonObject:
        """Connect and return the first frame."""
        self._socket = await self._http.ws_connect(await self.open_url(query), autoping=False)
        return await self.frame()

    async def frame(self) -> JsonObject:
        """The next frame with JSON in it."""
        frame: JsonObject = json.loads(await self.text())
        return frame

    async def text(self) -> str:
        """The next text frame."""
        async with asyncio.timeout(30):
            return await self.socket.receive_str()

    async def ack(self, envelope_id: str, payload: JsonObject | None = None) -> None:
        """Acknowledge an envelope."""
        frame: JsonObject = {"envelope_id": envelope_id}
        await self.socket.send_str(json.dumps(frame | ({"payload": payload} if payload is not None else {})))

    async def answer_next(self, payload: JsonObject | None = None) -> JsonObject:
        """Acknowledge the next envelope and return it."""
        frame = await self.frame()
        await self.ack(frame["envelope_id"], payload)
        return frame

    async def ack_from_elsewhere(self, other: "WireApp") -> None:
        """Take the next envelope here or there, and acknowledge it on the connection it did not come by."""
        looks = {asyncio.create_task(one.frame()): one for one in (self, other)}
        done, waiting = await asyncio.wait(looks, return_when=asyncio.FIRST_COMPLETED)
        for look in waiting:
            look.cancel()
        (look,) = done
        elsewhere = other if looks[look] is self else self
        await elsewhere.ack(look.result()["envelope_id"])

    async def close(self) -> None:
        """Hang up, if there is anybody to hang up on."""
        if self._socket is not None:
            await self._socket.close()


async def answered(
    deed: Awaitable[JsonObject], app: WireApp, payload: JsonObject | None = None
) -> tuple[JsonObject, JsonObject]:
    """Do something while the app acknowledges; what came of it, and what the app was sent."""
    doing = asyncio.ensure_future(deed)
    hearing = asyncio.ensure_future(app.answer_next(payload))
    await asyncio.wait((doing, hearing), return_when=asyncio.FIRST_EXCEPTION)
    for task in (doing, hearing):
        if not task.done():
            task.cancel()
    return doing.result(), hearing.result()["payload"]
