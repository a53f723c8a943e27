"""Work that goes on by itself: held, logged when it breaks, waited for at the end."""

import asyncio

import pytest

from bot.flow.background import Background


async def fail() -> None:
    raise RuntimeError("a bug")


async def test_work_under_way_is_held_until_it_ends() -> None:
    work, goes_on = Background(), asyncio.Event()
    work.start(goes_on.wait(), name="waiting")
    await asyncio.sleep(0)
    assert not work.is_idle
    goes_on.set()
    await work.close(grace=5)
    assert work.is_idle


async def test_work_that_breaks_is_logged_with_its_name_and_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    work = Background()
    work.start(fail(), name="a press by U0ANA")
    await work.close(grace=5)
    assert "a press by U0ANA failed" in caplog.text
    assert "RuntimeError: a bug" in caplog.text


async def test_work_that_somebody_awaits_fails_there_and_not_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = Background().start(fail(), name="a question", is_awaited=True)
    with pytest.raises(RuntimeError):
        await task
    assert caplog.records == []


async def test_close_cuts_short_what_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    work = Background()
    endless = work.start(asyncio.Event().wait(), name="an endless ask")
    await work.close(grace=0)
    assert endless.cancelled()
    assert "an endless ask was cut short" in caplog.text


async def test_close_of_nothing_is_quick() -> None:
    await Background().close(grace=5)
