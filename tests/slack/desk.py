"""A desk that writes down what it is given, and may be slow or broken."""

import asyncio
from collections.abc import Mapping

from bot.core.names import UserId
from bot.core.request import ButtonPress, MessageShortcut, ModalSubmission, Request

Given = Request | ButtonPress | ModalSubmission | MessageShortcut | UserId


class FakeDesk:
    """Takes deliveries. While `is_open` is not set, it hangs; `errors` is what a modal gets."""

    def __init__(self) -> None:
        self.given: list[Given] = []
        self.finished: list[Given] = []
        self.errors: Mapping[str, str] | None = None
        self.failure: Exception | None = None
        self.is_open = asyncio.Event()
        self.is_open.set()

    async def ask(self, request: Request) -> None:
        await self._take(request)

    async def press(self, press: ButtonPress) -> None:
        await self._take(press)

    async def use_shortcut(self, shortcut: MessageShortcut) -> None:
        await self._take(shortcut)

    async def open_home(self, user_id: UserId) -> None:
        await self._take(user_id)

    async def submit(self, submission: ModalSubmission) -> Mapping[str, str] | None:
        await self._take(submission)
        return self.errors

    async def _take(self, delivery: Given) -> None:
        self.given.append(delivery)
        await self.is_open.wait()
        if self.failure is not None:
            raise self.failure
        self.finished.append(delivery)
