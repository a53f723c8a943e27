"""Acting as people at the stand-in, and making things go wrong there."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import aiohttp

from bot.sim.workspace.entities import Call, Message, ReplyAddress
from bot.sim.workspace.server import WorkspaceServer

JsonObject = dict[str, Any]

DEPLOYS, SUPPORT, RANDOM = "C0DEPLOYS", "C0SUPPORT", "C0RANDOM"
PATIENCE = 30.0


class SideDoor:
    """One stand-in, seen from outside and from within."""

    def __init__(self, server: WorkspaceServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self._http = http

    async def act(self, deed: str, **body: Any) -> JsonObject:
        """Do something as a person."""
        async with self._http.post(f"{self.server.url}/person/{deed}", json=body) as answer:
            told: JsonObject = await answer.json()
            assert answer.status == 200, told
            return told

    async def fault(self, kind: str, **details: Any) -> None:
        """Let something go wrong."""
        await self.act("faults", kind=kind, **details)

    async def until_struck(self) -> None:
        """Wait until every fault of a call has struck."""
        async with asyncio.timeout(PATIENCE):
            while await self._has_faults():  # noqa: ASYNC110 - the stand-in tells no event
                await asyncio.sleep(0.005)

    async def _has_faults(self) -> bool:
        async with self._http.get(f"{self.server.url}/person/faults") as answer:
            return bool((await answer.json())["faults"])

    async def slash(self, text: str, *, user: str = "U0ANA", channel: str = DEPLOYS) -> JsonObject:
        """Type `/oec …`."""
        return await self.act("slash", user_id=user, channel_id=channel, command="/oec", text=text)

    def calls(self, method: str) -> list[Call]:
        """The Web API calls of one method that were received."""
        return [call for call in self.server.workspace.calls if call.method == method]

    def messages(self, channel: str = DEPLOYS) -> list[Message]:
        """Everything that was posted in a channel, private answers included."""
        return self.server.workspace.messages_in(channel)

    def texts(self, channel: str = DEPLOYS) -> list[str]:
        """The texts of a channel's messages."""
        return [message.content.text for message in self.messages(channel)]

    def give_reply_address(self, *, user: str = "U0ANA", channel: str = DEPLOYS, uses: int = 0) -> str:
        """A `response_url` as a slash command would bring one, used so often already."""
        key = f"reply-{self.server.workspace.next_number()}"
        address = ReplyAddress(key, channel, user, datetime.now(UTC), uses=uses)
        self.server.workspace.reply_addresses[key] = address
        return f"{self.server.url}/commands/T0ACME/{key}"


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110 - what is waited for tells no event
            await asyncio.sleep(0.005)
