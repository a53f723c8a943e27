"""Who calls next: order by urgency, whatever the order of asking; refusals of one method stop only that one."""

import asyncio
from collections.abc import AsyncIterator, Callable
from functools import partial

import pytest

from bot.core.names import ChannelId
from bot.flow.ports import Urgency
from bot.slack.gate import Call, Gate, Method, Worth, worth_nothing
from bot.slack.limits import Pace, Paces, Quota

EDIT = Call(Method.EDIT, ChannelId("C0DEPLOYS"))
POST = Call(Method.POST, ChannelId("C0DEPLOYS"))
POST_ELSEWHERE = Call(Method.POST, ChannelId("C0SUPPORT"))


class Clock:
    """A monotonic clock moved by hand."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def steadily(urgency: Urgency) -> Callable[[], Urgency]:
    return lambda: urgency


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def gate(clock: Clock) -> AsyncIterator[Gate]:
    """Room for two edits, one post a channel, three posts in all; then one each in ten seconds."""
    paces = Paces(edits=Pace(2, 10.0), posts=Pace(3, 10.0), posts_in_channel=Pace(1, 10.0))
    gate = Gate(paces, clock=clock)
    yield gate
    gate.close()


class Queue:
    """Those who stand before a gate, and the order in which they are let in."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.let_in: list[str] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def join(
        self, name: str, call: Call, urgency: Callable[[], Urgency], worth: Worth = worth_nothing
    ) -> asyncio.Task[None]:
        async def stand() -> None:
            await self._gate.enter(call, urgency, worth=worth)
            self.let_in.append(name)

        task = asyncio.create_task(stand())
        self.tasks.append(task)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task

    async def leave(self) -> None:
        """All who still stand there go away."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def look(self) -> list[str]:
        self._gate.look_again()
        for _ in range(3):
            await asyncio.sleep(0)
        return self.let_in


@pytest.fixture
async def queue(gate: Gate) -> AsyncIterator[Queue]:
    queue = Queue(gate)
    yield queue
    await queue.leave()


async def test_open_gate_lets_in_at_once_and_says_so(gate: Gate) -> None:
    assert await gate.enter(EDIT, steadily(Urgency.CARD)) is False


async def test_more_urgent_goes_first_though_it_came_last(gate: Gate, clock: Clock, queue: Queue) -> None:
    await queue.join("first", EDIT, steadily(Urgency.END))
    await queue.join("second", EDIT, steadily(Urgency.END))
    await queue.join("progress", EDIT, steadily(Urgency.PROGRESS))
    await queue.join("card", EDIT, steadily(Urgency.CARD))
    await queue.join("end", EDIT, steadily(Urgency.END))
    assert queue.let_in == ["first", "second"]
    clock.at += 10
    assert await queue.look() == ["first", "second", "end"]
    clock.at += 10
    assert await queue.look() == ["first", "second", "end", "card"]
    clock.at += 10
    assert await queue.look() == ["first", "second", "end", "card", "progress"]


async def test_equally_urgent_go_in_the_order_they_came(gate: Gate, clock: Clock, queue: Queue) -> None:
    for name in ("a", "b", "c", "d"):
        await queue.join(name, EDIT, steadily(Urgency.END))
    for _ in range(2):
        clock.at += 10
        await queue.look()
    assert queue.let_in == ["a", "b", "c", "d"]


async def test_progress_leaves_room_for_an_end(gate: Gate, queue: Queue) -> None:
    await queue.join("progress 1", EDIT, steadily(Urgency.PROGRESS))
    await queue.join("progress 2", EDIT, steadily(Urgency.PROGRESS))
    await queue.join("end", EDIT, steadily(Urgency.END))
    assert queue.let_in == ["progress 1", "end"]


async def test_progress_that_is_worth_more_goes_first(gate: Gate, clock: Clock, queue: Queue) -> None:
    """In the middle of runs it is not who came first; what it is worth is asked when there is room."""
    worth = {"a": 1.0, "b": 3.0, "c": 2.0}
    for name in ("end", "end too"):
        await queue.join(name, EDIT, steadily(Urgency.END))
    for name in ("a", "b", "c"):
        await queue.join(name, EDIT, steadily(Urgency.PROGRESS), partial(worth.__getitem__, name))
    worth["a"] = 4.0
    for _ in range(3):
        clock.at += 20
        await queue.look()
    assert queue.let_in[2:] == ["a", "b", "c"]


async def test_card_does_not_go_by_worth(gate: Gate, clock: Clock, queue: Queue) -> None:
    for name in ("1", "2"):
        await queue.join(name, EDIT, steadily(Urgency.CARD))
    await queue.join("3", EDIT, steadily(Urgency.CARD), worth=lambda: 0.0)
    await queue.join("4", EDIT, steadily(Urgency.CARD), worth=lambda: 9.0)
    for _ in range(4):
        clock.at += 20
        await queue.look()
    assert queue.let_in == ["1", "2", "3", "4"]


async def test_progress_comes_at_its_own_pace_and_cards_do_not_wait_for_it(clock: Clock) -> None:
    gate = Gate(Paces(edits=Quota(50, 60.0), progress=Pace(2, 10.0)), clock=clock)
    queue = Queue(gate)
    for number in range(4):
        await queue.join(f"progress {number}", EDIT, steadily(Urgency.PROGRESS))
    await queue.join("card", EDIT, steadily(Urgency.CARD))
    assert queue.let_in == ["progress 0", "progress 1", "card"]
    clock.at += 10
    assert (await queue.look())[3:] == ["progress 2"]
    await queue.leave()
    gate.close()


async def test_ends_find_room_whatever_progress_there_was(clock: Clock) -> None:
    """A minute of as much progress as may be, and then ends: a dozen of them at once, all within the minute."""
    gate = Gate(Paces(), clock=clock)
    queue = Queue(gate)
    for number in range(100):
        await queue.join(f"progress {number}", EDIT, steadily(Urgency.PROGRESS))
    for _ in range(120):
        clock.at += 1
        await queue.look()
    before = len(queue.let_in)
    for number in range(30):
        await queue.join(f"end {number}", EDIT, steadily(Urgency.END))
    assert len(queue.let_in) - before >= 12
    for _ in range(60):
        clock.at += 1
        await queue.look()
    assert len([name for name in queue.let_in if name.startswith("end")]) == 30
    await queue.leave()
    gate.close()


async def test_leave_that_is_given_back_lets_the_next_one_in(gate: Gate, queue: Queue) -> None:
    for name in ("a", "b", "c"):
        await queue.join(name, EDIT, steadily(Urgency.END))
    assert queue.let_in == ["a", "b"]
    gate.give_back(EDIT, Urgency.END)
    assert await queue.look() == ["a", "b", "c"]


async def test_urgency_that_rises_while_waiting_counts(gate: Gate, clock: Clock, queue: Queue) -> None:
    urgency = [Urgency.PROGRESS]
    await queue.join("a", EDIT, steadily(Urgency.END))
    await queue.join("rising", EDIT, lambda: urgency[0])
    assert queue.let_in == ["a"]
    urgency[0] = Urgency.END
    assert await queue.look() == ["a", "rising"]


async def test_posts_are_counted_by_channel_and_in_all(gate: Gate, clock: Clock, queue: Queue) -> None:
    await queue.join("here", POST, steadily(Urgency.END))
    await queue.join("here again", POST, steadily(Urgency.END))
    await queue.join("elsewhere", POST_ELSEWHERE, steadily(Urgency.END))
    assert queue.let_in == ["here", "elsewhere"]
    clock.at += 10
    assert await queue.look() == ["here", "elsewhere", "here again"]


async def test_no_volley_follows_a_pause(clock: Clock) -> None:
    """Slack had no room for any: a volley would only be told so again."""
    gate = Gate(Paces(edits=Pace(20, 2.0)), clock=clock)
    queue = Queue(gate)
    gate.pause(Method.EDIT, 30)
    for number in range(10):
        await queue.join(str(number), EDIT, steadily(Urgency.END))
    clock.at += 30
    assert len(await queue.look()) == 2
    clock.at += 2
    assert len(await queue.look()) == 3
    assert gate.paused_for(Method.EDIT) == 0
    clock.at += 10
    assert len(await queue.look()) == 8
    gate.close()
    await queue.leave()


async def test_progress_leaves_less_room_the_longer_it_waits(gate: Gate, clock: Clock, queue: Queue) -> None:
    await queue.join("a", EDIT, steadily(Urgency.END))
    await queue.join("progress", EDIT, steadily(Urgency.PROGRESS))
    assert queue.let_in == ["a"]
    clock.at += 5
    assert await queue.look() == ["a"], "the one that is left is kept for an end"
    await queue.join("end", EDIT, steadily(Urgency.END))
    clock.at += 10
    assert await queue.look() == ["a", "end", "progress"]


async def test_paused_method_waits_and_the_other_goes_on(gate: Gate, clock: Clock, queue: Queue) -> None:
    gate.pause(Method.EDIT, 30)
    gate.pause(Method.EDIT, 5)  # a shorter word later takes nothing back
    await queue.join("edit", EDIT, steadily(Urgency.END))
    await queue.join("post", POST, steadily(Urgency.PROGRESS))
    assert queue.let_in == ["post"]
    clock.at += 29
    assert await queue.look() == ["post"]
    clock.at += 1
    assert await queue.look() == ["post", "edit"]


async def test_one_who_leaves_takes_no_room(gate: Gate, clock: Clock, queue: Queue) -> None:
    await queue.join("a", POST, steadily(Urgency.END))
    leaving = await queue.join("leaving", POST, steadily(Urgency.END))
    await queue.join("staying", POST, steadily(Urgency.CARD))
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    clock.at += 10
    assert await queue.look() == ["a", "staying"]


async def test_time_alone_opens_the_gate() -> None:
    gate = Gate(Paces(edits=Pace(1, 0.02)), clock=asyncio.get_running_loop().time)
    assert await gate.enter(EDIT, steadily(Urgency.END)) is False
    async with asyncio.timeout(30):
        assert await gate.enter(EDIT, steadily(Urgency.END)) is True
    gate.close()
