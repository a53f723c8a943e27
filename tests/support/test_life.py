"""A life that is over reaches nothing any more."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.support.life import DeadError, Life, MortalLoop


async def _nothing() -> None:
    """There is nothing to free."""


def _on_a_mortal_loop(story: Callable[[], Awaitable[None]]) -> None:
    async def play() -> None:
        await story()

    with asyncio.Runner(loop_factory=MortalLoop) as runner:
        runner.run(play())


def test_tasks_end_where_they_are_even_those_that_take_no_end() -> None:
    done: list[str] = []

    async def go_on() -> None:
        for word in ("first", "second", "third"):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                done.append(word)
        done.append("survived")

    async def story() -> None:
        life = Life()
        living = asyncio.ensure_future(life.live(_begin(go_on)))
        await living
        await life.end(_nothing)

    async def _begin(work: Callable[[], Awaitable[None]]) -> None:
        kept.append(asyncio.ensure_future(work()))
        await asyncio.sleep(0)

    kept: list[asyncio.Future[None]] = []
    _on_a_mortal_loop(story)
    assert kept[0].done()
    assert "first" in done


def test_connection_of_a_dead_life_carries_nothing_more_and_no_other_is_opened() -> None:
    heard = bytearray()

    async def hear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.extend(await reader.read())
        closed.set()
        writer.close()

    closed = asyncio.Event()

    async def story() -> None:
        server = await asyncio.start_server(hear, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        life = Life()
        _, writer = await life.live(asyncio.open_connection("127.0.0.1", port))
        writer.write(b"alive")
        await writer.drain()
        await life.end(_nothing)
        writer.write(b"dead")
        await closed.wait()
        try:
            await life.live(asyncio.open_connection("127.0.0.1", port))
        except DeadError:
            heard.extend(b", refused")
        server.close()

    _on_a_mortal_loop(story)
    assert heard.decode() in {"alive, refused", ", refused"}


def test_thread_does_nothing_more_for_a_dead_life() -> None:
    written: list[str] = []

    async def write(word: str) -> None:
        await asyncio.to_thread(written.append, word)

    async def story() -> None:
        life = Life()
        await life.live(write("alive"))
        await life.end(_nothing)
        try:
            await life.live(write("dead"))
        except DeadError:
            written.append("refused")

    _on_a_mortal_loop(story)
    assert written == ["alive", "refused"]


def test_others_go_on_after_a_death() -> None:
    written: list[str] = []

    async def story() -> None:
        life, other = Life(), Life()
        await life.end(_nothing)
        await other.live(asyncio.to_thread(written.append, "other"))
        await asyncio.to_thread(written.append, "none")

    _on_a_mortal_loop(story)
    assert written == ["other", "none"]
