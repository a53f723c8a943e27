"""The one thread that owns the database: whatever is asked of it is one turn there, and one transaction.

So the event loop never waits for a disk, and no two statements of the bot ever mix.
"""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from sqlite_utils.db import Database

from bot.core.errors import HistoryError
from bot.history.checkup import Checkup
from bot.history.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")


class Turns:
    """Turns of the thread. `open` and `close` wait for the disk; everything else is asynchronous.

    A caller that is cancelled while it waits may find that its transaction was committed all the same. `checkup` looks
    through a database that is too large to be looked through before anything is done with it.
    """

    def __init__(
        self, writer: Writer, path: str, thread: ThreadPoolExecutor, checkup: Checkup | None = None
    ) -> None:
        self.checkup = checkup
        self._writer = writer
        self._path = path
        self._thread = thread
        self._is_closed = False

    @classmethod
    def open(
        cls,
        path: str,
        *,
        now: Callable[[], datetime],
        busy_timeout: timedelta,
        lease: Path | None,
        checked_at_once: int,
    ) -> Self:
        """Open the database on a thread of its own; raises `HistoryError`."""
        thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")
        try:
            opening = thread.submit(
                Writer.open,
                path,
                busy_timeout=busy_timeout,
                now=now,
                lease=lease,
                largest_to_check=checked_at_once,
            )
            writer = opening.result()
            is_large = thread.submit(lambda: writer.size > checked_at_once).result()
        except BaseException:
            thread.shutdown()
            raise
        checkup = Checkup(path, writer.note_damage) if is_large else None
        if checkup is not None:
            checkup.start()
        return cls(writer, path, thread, checkup)

    @property
    def trouble(self) -> str | None:
        """What is wrong with the database, in a sentence for operators; None since the last write that went well."""
        return self._writer.trouble

    def close(self) -> None:
        """Finish what is under way and close the file, without waiting for other programs. May be called twice."""
        if self._is_closed:
            return
        self._is_closed = True
        if self.checkup is not None:
            self.checkup.stop()
        self._writer.hurry()
        try:
            self._thread.submit(self._writer.close).result()
        finally:
            self._thread.shutdown()

    async def write(self, work: Callable[Concatenate[Database, P], T], *args: P.args, **named: P.kwargs) -> T:
        """Do this work in a transaction."""
        asked_at = time.monotonic()
        return await self.take(
            lambda writer: writer.write(lambda db: work(db, *args, **named), asked_at=asked_at)
        )

    async def read(self, work: Callable[Concatenate[Database, P], T], *args: P.args, **named: P.kwargs) -> T:
        """Look something up."""
        return await self.take(lambda writer: writer.read(lambda db: work(db, *args, **named)))

    async def take(self, turn: Callable[[Writer], T]) -> T:
        """A turn that does more than write or read."""
        if self._is_closed:
            raise HistoryError(f"The database {self._path} is closed: the bot is stopping.")
        return await asyncio.get_running_loop().run_in_executor(self._thread, turn, self._writer)
