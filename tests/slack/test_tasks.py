"""Work after the acknowledgement: held, logged when it breaks, waited for at the end."""

import asyncio

import pytest

from bot.slack.tasks import TaskSet


async def fail() -> None:
    raise RuntimeError("a bug")


async def test_work_under_way_is_held_until_it_ends() -> None:
    tasks, goes_on = TaskSet(), asyncio.Event()
    tasks.start(goes_on.wait(), subject="waiting")
    await asyncio.sleep(0)
    assert len(tasks) == 1
    goes_on.set()
    await tasks.drain(patience=5)
    assert len(tasks) == 0


async def test_work_that_breaks_is_logged_with_its_subject_and_traceback(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tasks = TaskSet()
    tasks.start(fail(), subject="a press by U0ANA")
    await tasks.drain(patience=5)
    assert "a press by U0ANA broke" in caplog.text
    assert "RuntimeError: a bug" in caplog.text


async def test_work_that_somebody_awaits_fails_there_and_not_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = TaskSet().start(fail(), subject="a question", is_awaited=True)
    with pytest.raises(RuntimeError):
        await task
    assert caplog.records == []


async def test_drain_cuts_short_what_does_not_end(caplog: pytest.LogCaptureFixture) -> None:
    tasks = TaskSet()
    endless = tasks.start(asyncio.Event().wait(), subject="an endless ask")
    await tasks.drain(patience=0)
    assert endless.cancelled()
    assert "an endless ask was cut short" in caplog.text


async def test_drain_of_nothing_is_quick() -> None:
    await TaskSet().drain(patience=5)
