"""From knowing to showing: how soon an end, or a step, is on the screen once a look has told it.

Slack's limits are in force as they are documented; those of oec.sh are not, so that every run is looked at as often as the
bot would ever want to, and Slack's are what binds. All settings side by side on one machine, each with a bot and
stand-ins of its own.
"""

import asyncio
import time
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.benchmark import Benchmark, Options
from tests.benchmarks.deploys import Deploys, Records, deploying
from tests.benchmarks.figures import Reading, percentile
from tests.benchmarks.screen import (
    CARD,
    END,
    Shot,
    count_refused,
    find_end_known,
    find_end_shown,
    find_step_delays,
    read_shots,
    seconds_between,
)
from tests.benchmarks.stand_ins import ALWAYS

WITHIN = 60.0
"""Seconds within which people ask for all of them."""

ALL_END_WITHIN = 10.0
STEP_EVERY, STEPS_BEFORE = 8.0, 8
"""In the hard case every run gets on by a step so often, so many times, before all of them end."""


@dataclass(frozen=True, slots=True)
class Setting:
    """So many runs at once; `is_hard`: they all end within ten seconds."""

    name: str
    runs: int
    is_hard: bool = False


SETTINGS = (
    Setting("1 run", 1),
    Setting("10 runs", 10),
    Setting("50 runs", 50),
    Setting("50 runs that end within 10 s", 50, is_hard=True),
)


async def measure_setting(setting: Setting, options: Options) -> list[Reading]:
    """One of them, from the first ask until everything is true."""
    async with deploying(setting.runs) as deploys:
        await deploys.there.limit_hosting(reads=ALWAYS, writes=ALWAYS)
        await deploys.there.pace_tasks(0.0 if setting.is_hard else options.speed)
        await deploys.begin(within=WITHIN / options.speed)
        if setting.is_hard:
            await _move_by_hand(deploys)
        await deploys.wait_for_ends()
        options.tell(f"{setting.name}: all is shown")
        return read_delays(setting.name, await deploys.read())


async def _move_by_hand(deploys: Deploys) -> None:
    """All of them step by step, and then to their ends one after another."""
    tasks = [task["id"] for task in await deploys.fetch_tasks()]
    for step in range(1, STEPS_BEFORE + 1):
        for task_id in tasks:
            await deploys.there.move_task(task_id, status="running", steps_completed=step)
        await asyncio.sleep(STEP_EVERY)
    began_at = time.monotonic()
    for number, task_id in enumerate(tasks):
        due_at = began_at + ALL_END_WITHIN * number / len(tasks)
        await asyncio.sleep(max(due_at - time.monotonic(), 0.0))
        await deploys.there.move_task(task_id, status="completed")


def read_delays(subject: str, records: Records) -> list[Reading]:
    """What the records say, as figures."""
    shots = read_shots(records.calls, records.places)
    known = [(course, find_end_known(course, records.looks)) for course in records.courses]
    delays = {
        "end to card": seconds_between((at, find_end_shown(course, CARD, shots)) for course, at in known),
        "end to end message": seconds_between(
            (at, find_end_shown(course, END, shots)) for course, at in known
        ),
        "step to progress message": [
            delay for course in records.courses for delay in find_step_delays(course, shots)
        ],
    }
    readings = [one for name, values in delays.items() for one in read_spread(subject, name, values)]
    return [*readings, *_count_edits(subject, records, shots)]


def read_spread(subject: str, name: str, values: list[float]) -> list[Reading]:
    """Where these values lie; nothing where there are none."""
    if not values:
        return []
    return [
        Reading(subject, f"{name}, median", "s", median(values)),
        Reading(subject, f"{name}, p95", "s", percentile(values, 0.95)),
        Reading(subject, f"{name}, worst", "s", max(values)),
    ]


def _count_edits(subject: str, records: Records, shots: list[Shot]) -> list[Reading]:
    runs = len(records.courses)
    edits = [shot for shot in shots if shot.is_edit]
    of_cards = sum(shot.kind == CARD for shot in edits)
    return [
        Reading(subject, "edits of the card, per run", "", of_cards / runs),
        Reading(subject, "edits of the progress message, per run", "", (len(edits) - of_cards) / runs),
        Reading(subject, "looks per run", "", len(records.looks) / runs),
        Reading(subject, "429 from Slack", "", count_refused(records.calls).total()),
    ]


async def measure_round(options: Options) -> list[Reading]:
    """All settings at once: each has the time of its deploys to wait for."""
    measured = await asyncio.gather(*(measure_setting(setting, options) for setting in SETTINGS))
    return [reading for readings in measured for reading in readings]


BENCHMARK = Benchmark(
    name="edits", title="From known to shown, within Slack's limits", measure_round=measure_round, rounds=1
)
