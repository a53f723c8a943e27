"""How soon after a kill everything on the screen is true again: twenty runs under way, the documented limits."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks.chaos.ledger import Books, read_books, read_cards
from tests.benchmarks.chaos.people import Seen
from tests.benchmarks.chaos.town import BEN, CLEO, DANA, FREE, MANY_CHANNELS
from tests.benchmarks.chaos.truth import is_true
from tests.benchmarks.chaos.world import Nursery, World, opened_world
from tests.support.reading import JsonObject

OPEN_RUNS = 20
QUIET = 61.0
"""Seconds without a change before the kill, so that no call of before counts against Slack's limits any more."""

PATIENCE = 180.0
LOOK_EVERY = 0.1
_BEFORE, _AFTER = 30, 70


@dataclass(frozen=True, slots=True)
class Restart:
    """Seconds from the start of the second process to all cards true, and to every other message true as well."""

    cards: float
    everything: float


async def measure_restarts(nursery: Nursery, count: int) -> list[Restart]:
    """So many restarts, each in a world of its own; they are prepared side by side and measured one by one."""
    turn = asyncio.Lock()
    with TemporaryDirectory(prefix="oec-restarts-") as name:
        folders = [Path(name) / str(number) for number in range(count)]
        for folder in folders:
            folder.mkdir()
        return list(await asyncio.gather(*(_restart_once(nursery, folder, turn) for folder in folders)))


async def _restart_once(nursery: Nursery, folder: Path, turn: asyncio.Lock) -> Restart:
    async with opened_world(folder, nursery, channels=MANY_CHANNELS) as world:
        await world.hosting.paces(mode="manual")
        bot = await world.starts_well()
        for number, alias in enumerate(FREE[:OPEN_RUNS]):
            user = (BEN, CLEO, DANA)[number % 3]
            await world.people.types(user, f"deploy {alias}", MANY_CHANNELS[number % len(MANY_CHANNELS)])
        await _until_tasks(world)
        await _move_all(world, status="running", progress_percent=_BEFORE, steps_completed=3)
        await _until(world, only_cards=False)
        await asyncio.sleep(QUIET)
        async with turn:
            await bot.kill()
            await _go_on_meanwhile(world)
            began_at = time.monotonic()
            bot = await world.starts_well()
            cards = await _until(world, only_cards=True) - began_at
            everything = await _until(world, only_cards=False) - began_at
        await bot.kill()
        return Restart(cards, everything)


async def _until_tasks(world: World) -> None:
    deadline = time.monotonic() + PATIENCE
    while len(await world.hosting.tasks()) < OPEN_RUNS:
        if time.monotonic() > deadline:
            raise RuntimeError("the runs were not begun")
        await asyncio.sleep(LOOK_EVERY)


async def _move_all(world: World, **facts: object) -> None:
    for task in await world.hosting.tasks():
        await world.hosting.moves(task["id"], **facts)


async def _go_on_meanwhile(world: World) -> None:
    """Half of the tasks end while nobody looks, the others get on."""
    for number, task in enumerate(await world.hosting.tasks()):
        if number % 2:
            await world.hosting.moves(task["id"], status="completed")
        else:
            await world.hosting.moves(task["id"], progress_percent=_AFTER, steps_completed=8)


async def _until(world: World, *, only_cards: bool) -> float:
    """Wait until what stands there is what the platform says; when that was."""
    deadline = time.monotonic() + PATIENCE
    while not await _all_true(world, only_cards=only_cards):
        if time.monotonic() > deadline:
            raise RuntimeError(f"not everything became true within {PATIENCE} s")
        await asyncio.sleep(LOOK_EVERY)
    return time.monotonic()


async def _all_true(world: World, *, only_cards: bool) -> bool:
    cards = {seen.run: seen for seen in await read_cards(world.people)}
    books = read_books(world.database)
    tasks = await world.hosting.tasks()
    by_key = {key: run.id for run in books.runs.values() for key in run.keys}
    return all(_is_told(books, cards, task, by_key, only_cards=only_cards) for task in tasks)


def _is_told(
    books: Books, cards: dict[int | None, Seen], task: JsonObject, by_key: dict[str, int], *, only_cards: bool
) -> bool:
    run = books.runs.get(by_key.get(str(task["idempotency_key"]), 0))
    card = cards.get(run.id) if run else None
    if run is None or card is None:
        return False
    is_known = (
        run.state == "done"
        if task["status"] == "completed"
        else run.progress_percent == task["progress_percent"]
    )
    kinds = ["card"] if only_cards else ["card", "progress", *([] if run.is_open else ["end"])]
    slots = [books.slots.get((run.id, kind)) for kind in kinds]
    is_shown = all(
        slot is not None and (slot.kind == "end" or slot.shown_version >= run.version) for slot in slots
    )
    return is_known and is_shown and is_true(card.text, run.state)
