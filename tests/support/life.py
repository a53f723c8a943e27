"""A bot's life within this process, which can be cut short as `kill -9` would do it.

Everything that a bot begins on a `MortalLoop` belongs to its life: tasks, connections, work for its threads. When the
life is over, none of its tasks goes on, none of its connections carries another byte, and its database takes nothing
more. What was under way on a thread ends there, as a write that the system has taken already would.
"""

import asyncio
import contextlib
import gc
import warnings
from collections.abc import Awaitable, Callable, Coroutine, Generator
from concurrent.futures import Executor
from contextvars import Context, ContextVar, copy_context
from typing import Any, TypeVar

T = TypeVar("T")
Work = Coroutine[Any, Any, T] | Generator[Any, None, T]

_LIFE: ContextVar["Life | None"] = ContextVar("life", default=None)


class DeadError(ConnectionError):
    """Something that is dead has tried to reach the world."""


def is_dead() -> bool:
    """Whether what runs here belongs to a life that is over: what it still says is heard by nobody."""
    life = _LIFE.get()
    return life is not None and life.is_over


class Life:
    """What belongs to one start of a bot, until it is stopped or dies."""

    def __init__(self) -> None:
        self._context = copy_context()
        self._context.run(_LIFE.set, self)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._transports: list[asyncio.BaseTransport] = []
        self.is_over = False

    async def live(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something within this life."""
        return await asyncio.get_running_loop().create_task(work, context=self._context)

    async def end(self, bury: Callable[[], Awaitable[None]]) -> None:
        """Die at this moment. `bury` frees what a dead process frees (files, locks); it reaches nothing and nobody."""
        self.is_over = True
        with warnings.catch_warnings():  # what never came to begin its work is no mistake here
            warnings.simplefilter("ignore")
            await self._die()
            await self._bury(bury)
            gc.collect()

    async def _die(self) -> None:
        for transport in self._transports:
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
        while tasks := tuple(
            self._tasks
        ):  # some take their end for somebody else's, and have to be told again
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks, timeout=1)

    async def _bury(self, bury: Callable[[], Awaitable[None]]) -> None:
        burial = asyncio.ensure_future(self.live(_awaited(bury)))
        with contextlib.suppress(DeadError):
            async with asyncio.timeout(10):
                await burial

    def take_in(self, task: asyncio.Task[Any]) -> None:
        """A task was begun within this life. One begun after its end, to tidy up, reaches nothing any more."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def hold(self, transport: asyncio.BaseTransport) -> None:
        """A connection was opened within this life."""
        self._transports = [known for known in self._transports if not known.is_closing()]
        self._transports.append(transport)

    def must_go_on(self) -> None:
        """Raise `DeadError` if this life is over."""
        if self.is_over:
            raise DeadError("this life is over")


class MortalLoop(asyncio.SelectorEventLoop):
    """An event loop that knows what belongs to which life. What belongs to none goes on as ever."""

    def __init__(self) -> None:
        super().__init__()
        self.set_task_factory(_begin_task)

    async def create_connection(self, *args: Any, **named: Any) -> Any:
        """Open a connection, for whoever lives."""
        life = _LIFE.get()
        if life is None:
            return await super().create_connection(*args, **named)
        life.must_go_on()
        transport, protocol = await super().create_connection(*args, **named)
        life.hold(transport)
        return transport, protocol

    def run_in_executor(  # type: ignore[override] # typeshed is more exact than matters here
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> "asyncio.Future[T]":
        """Have a thread do something, for whoever lives."""
        life = _LIFE.get()
        if life is not None:
            life.must_go_on()
        return super().run_in_executor(executor, func, *args)


def _begin_task(
    loop: asyncio.AbstractEventLoop, work: Work[T], context: Context | None = None
) -> "asyncio.Task[T]":
    task = asyncio.Task(work, loop=loop, context=context)
    life = _LIFE.get() if context is None else context.get(_LIFE)
    if life is not None:
        life.take_in(task)
    return task


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
