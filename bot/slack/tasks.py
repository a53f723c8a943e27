"""Work that goes on after Slack was acknowledged: kept hold of until it is done, and waited for at the end.

asyncio itself keeps only weak references to its tasks, so work that nobody holds may vanish while it waits.
"""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any, TypeVar

_log = logging.getLogger(__name__)

Result = TypeVar("Result")


class TaskSet:
    """The pieces of work under way, each named by its subject."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._running)

    def start(
        self, work: Coroutine[Any, Any, Result], *, subject: str, is_awaited: bool = False
    ) -> asyncio.Task[Result]:
        """Begin a piece of work. A failure is logged with its subject and traceback, unless somebody awaits it."""
        task = asyncio.create_task(work, name=subject)
        self._running.add(task)
        task.add_done_callback(self._forget_awaited if is_awaited else self._forget)
        return task

    async def drain(self, *, patience: float) -> None:
        """Wait for all work to end, at most `patience` seconds; then cancel what is left."""
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        left = tuple(self._running)
        for task in left:
            _log.warning("%s was cut short by the stop", task.get_name())
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def _forget_awaited(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            task.exception()  # seen: whoever awaits it has it, and if nobody does any more, nobody wants it

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("%s broke", task.get_name(), exc_info=error)
