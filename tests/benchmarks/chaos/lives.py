"""One life of the bot: born, heard of, asked things, beset by trouble, and killed."""

import asyncio
import time
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
from random import Random

import httpx

from tests.benchmarks.chaos.doomed import LAST_WORDS, NONE
from tests.benchmarks.chaos.planner import Plan
from tests.benchmarks.chaos.scenes import SCENES, Stage
from tests.benchmarks.chaos.trouble import cause, clear
from tests.benchmarks.chaos.world import Birth, Bot, World

HEARS_WITHIN = 4.0
"""Seconds that a life has to come up in; trouble at its start may keep it from that."""

LINGERS = 1.0
"""Seconds that a life which is to end at a point goes on after its scenes."""

BETWEEN_STARTS = 3.1
"""Seconds from one start to the next in a world: Slack tells only twenty times a minute who is in a user group."""


@dataclass(frozen=True, slots=True)
class Death:
    """How a life ended: where it was to (`reached`), by itself (`fell`), or killed at a moment."""

    is_reached: bool = False
    has_fallen: bool = False
    passed: frozenset[str] = frozenset()


async def live(world: World, plan: Plan, dice: Random, number: int) -> Death:
    """One life from its birth to its death."""
    _, opened = await world.people.connections()
    said = _count_last_words(world.errors)
    notes = world.database.with_name(f"passed-{number}") if plan.is_noted else None
    point = f"{plan.point.name}:{plan.times}" if plan.point else NONE
    bot = await world.bear(Birth(point, is_armed_later=not plan.recipe.is_early, notes=notes))
    hearing = asyncio.create_task(world.hears(bot, after=opened, within=HEARS_WITHIN))
    acting = asyncio.ensure_future(_act(world, plan, dice, bot, hearing))
    try:
        await _await_end(plan, bot, hearing, acting)
        is_over = not bot.is_alive
    finally:
        acting.cancel()
        hearing.cancel()
        await asyncio.gather(acting, hearing, return_exceptions=True)
        await bot.kill()
    is_reached = _count_last_words(world.errors) > said
    passed = frozenset(notes.read_text().split()) if notes and notes.exists() else frozenset[str]()
    if dice.random() < 0.5:  # else what is left of it meets the next start
        await clear(world.people, world.hosting)
    await asyncio.sleep(max(0.0, bot.born_at + BETWEEN_STARTS - time.monotonic()))
    return Death(is_reached, has_fallen=is_over and not is_reached, passed=passed)


async def _await_end(plan: Plan, bot: Bot, hearing: "asyncio.Task[bool]", acting: Awaitable[None]) -> None:
    if plan.point is None:
        if not plan.ends_in_start:
            await asyncio.wait({hearing}, timeout=HEARS_WITHIN)
        await bot.dies(within=plan.ends_after)
        return
    dying = asyncio.ensure_future(bot.dies(within=HEARS_WITHIN + 2 * BETWEEN_STARTS))
    await asyncio.wait({dying, asyncio.ensure_future(acting)}, return_when=asyncio.FIRST_COMPLETED)
    if not dying.done():
        await asyncio.wait({dying}, timeout=LINGERS)
    dying.cancel()


async def _act(world: World, plan: Plan, dice: Random, bot: Bot, hearing: "asyncio.Task[bool]") -> None:
    """What people do, once the bot hears them."""
    await world.hosting.counts_afresh()
    if plan.recipe.is_early:
        await cause(plan.troubles, world.people, world.hosting)
    await asyncio.wait({hearing})
    if not plan.recipe.is_early:
        await cause(plan.troubles, world.people, world.hosting)
    bot.arm()
    stage = Stage(world.people, world.hosting, world.touch_rules, dice)
    scenes = [SCENES[name](stage) for name in plan.recipe.scenes]
    for ended in await asyncio.gather(*scenes, return_exceptions=True):
        # a stand-in that takes long to answer is not what is looked at here
        if isinstance(ended, BaseException) and not isinstance(ended, httpx.TimeoutException):
            raise ended


def _count_last_words(errors: Path) -> int:
    return errors.read_text(errors="replace").count(LAST_WORDS) if errors.exists() else 0
