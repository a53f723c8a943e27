"""An app in a Node process of its own, and what it says it was told."""

import asyncio
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.conformance.packages import JAVASCRIPT

JsonObject = dict[str, Any]
_PATIENCE = 20.0
_LONGEST_LINE = 1 << 20


class NodeApp:
    """A running script. Each line it writes is a JSON object with `what`; other lines are kept for failures."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._news = asyncio.Condition()
        self._reading = [asyncio.create_task(self._read()), asyncio.create_task(self._read_complaints())]
        self.told: list[JsonObject] = []
        self.complaints: list[str] = []

    @classmethod
    async def start(cls, node: str, script: Path, settings: Mapping[str, str]) -> "NodeApp":
        """Run a script beside the packages it imports, with these settings alone."""
        process = await asyncio.create_subprocess_exec(
            node,
            str(script),
            cwd=JAVASCRIPT,
            env={"PATH": os.environ["PATH"], **settings},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=_LONGEST_LINE,
        )
        return cls(process)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            async with self._news:
                if line.startswith(b'{"what"'):
                    self.told.append(json.loads(line))
                else:
                    self.complaints.append(line.decode())
                self._news.notify_all()
        async with self._news:
            self.told.append({"what": "ended"})
            self._news.notify_all()

    async def _read_complaints(self) -> None:
        assert self._process.stderr is not None
        while line := await self._process.stderr.readline():
            self.complaints.append(line.decode())

    async def until(self, what: str, *, count: int = 1) -> JsonObject:
        """Wait for so many words of this kind; the last of them."""
        try:
            async with asyncio.timeout(_PATIENCE), self._news:
                await self._news.wait_for(lambda: self._has_ended() or len(self.all(what)) >= count)
        except TimeoutError:
            pass
        found = self.all(what)
        assert len(found) >= count, f"never {what} ×{count}: {self.told}\n{''.join(self.complaints)}"
        return found[count - 1]

    def all(self, what: str) -> list[JsonObject]:
        """Everything of this kind so far."""
        return [one for one in self.told if one["what"] == what]

    def bodies(self, kind: str) -> list[JsonObject]:
        """Payloads of this kind that reached the app: of a `type`, of an event's type, or `command`."""
        heard = [one["body"] for one in self.all("heard")]
        return [
            body
            for body in heard
            if kind in (body.get("type"), (body.get("event") or {}).get("type"))
            or (kind == "command" and "command" in body)
        ]

    def _has_ended(self) -> bool:
        return any(one["what"] == "ended" for one in self.told)

    async def stop(self) -> None:
        """Let the process go."""
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()
        await asyncio.gather(*self._reading)
