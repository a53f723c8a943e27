"""Work that goes on by itself: kept hold of until it is done, never failing unnoticed, waited for at the end.

asyncio itself keeps only weak references to its tasks, so work that nobody holds may vanish while it waits.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

from bot.core.errors import BotError

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class Background:
    """The pieces of work under way, each with a name for the log."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._tasks

    def start(
        self, work: Coroutine[Any, Any, Result], *, name: str, is_awaited: bool = False
    ) -> asyncio.Task[Result]:
        """Begin a piece of work. Its failure is logged with its name and traceback, unless somebody awaits it."""
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._forget_awaited if is_awaited else self._forget)
        return task

    async def close(self, *, grace: float) -> None:
        """Give what is under way `grace` seconds to end, then cancel what is left."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        late = tuple(self._tasks)
        for task in late:
            log.warning("%s was cut short by the stop", task.get_name())
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _forget_awaited(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen: whoever awaits it has it, and if nobody does any more, nobody wants it

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, BotError):  # what is out of order elsewhere is known by its name
            log.warning("%s failed: %s", task.get_name(), error)
        elif error is not None:
            log.error("%s failed", task.get_name(), exc_info=error)
