"""`python -m tests.benchmarks chaos`: seeds are split into stretches, and some worlds live side by side."""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from tests.benchmarks.chaos.doomed import ROOT
from tests.benchmarks.chaos.evidence import keep_records
from tests.benchmarks.chaos.figures import Outcome, Seeded, to_json, to_table
from tests.benchmarks.chaos.planner import Atlas, Planner
from tests.benchmarks.chaos.points import list_points
from tests.benchmarks.chaos.restarts import measure_restarts
from tests.benchmarks.chaos.scenes import SCENES
from tests.benchmarks.chaos.stretch import TRUE_WITHIN, Reckoning, Stretch
from tests.benchmarks.chaos.world import Nursery, opened_world

STRETCH = 50
"""Kills between one calm and the next, at most."""

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of it: `worlds` live side by side, `survey` lives only find out where scenes lead."""

    kills: int
    seeds: Sequence[int]
    worlds: int = 6
    restarts: int = 5
    survey: int = len(SCENES)
    keep: Path | None = None
    """Where databases, logs and the records of the stand-ins are kept, of stretches with findings too."""
    true_within: float = TRUE_WITHIN


async def cause_chaos(wanted: Wanted, tell: Tell) -> Outcome:
    """All of it."""
    room = asyncio.Semaphore(wanted.worlds)
    shares = share_out(wanted.kills, len(wanted.seeds))
    planners = _make_planners(wanted)
    async with Nursery.opened() as nursery:
        with _folder(wanted.keep) as folder:
            seeds = [
                _play_seed(planner, share, wanted, nursery=nursery, room=room, folder=folder, tell=tell)
                for planner, share in zip(planners, shares, strict=True)
            ]
            played = list(await asyncio.gather(*seeds))
        if wanted.restarts:
            tell(f"{wanted.restarts} restarts with 20 open runs")
        restarts = await measure_restarts(nursery, wanted.restarts)
    return Outcome(played, restarts, wanted.kills)


def share_out(kills: int, parts: int) -> list[int]:
    """So many kills in so many parts, as even as can be."""
    return [kills // parts + (number < kills % parts) for number in range(parts)]


def _make_planners(wanted: Wanted) -> list[Planner]:
    """One for each seed. They share out the points and the scenes to be walked first, and what is learned on the way."""
    points, atlas, count = list_points(ROOT), Atlas(), len(wanted.seeds)
    scenes = sorted(SCENES)[: wanted.survey]
    return [
        Planner(points, seed, scenes[number::count], (number, count), atlas)
        for number, seed in enumerate(wanted.seeds)
    ]


async def _play_seed(
    planner: Planner,
    kills: int,
    wanted: Wanted,
    *,
    nursery: Nursery,
    room: asyncio.Semaphore,
    folder: Path,
    tell: Tell,
) -> Seeded:
    seed = planner.seed
    count = max(1, min(kills, max(wanted.worlds // len(wanted.seeds), -(-kills // STRETCH))))

    async def play(number: int, share: int) -> Reckoning:
        home = folder / f"{seed}-{number}"
        home.mkdir()
        async with room, opened_world(home, nursery) as world:
            stretch = Stretch(
                world,
                planner,
                Random(f"{seed}/{number}"),
                lambda words: tell(f"seed {seed}, stretch {number}: {words}"),
                true_within=wanted.true_within,
            )
            reckoning = await stretch.run(share)
            if wanted.keep is not None:
                await keep_records(world)
        tell(f"seed {seed}, stretch {number}: {reckoning.kills} kills, {len(reckoning.findings)} findings")
        return reckoning

    parts = [play(number, share) for number, share in enumerate(share_out(kills, count))]
    played = list(await asyncio.gather(*parts))
    return Seeded(seed, played, len(planner.points), planner.find_missed(), planner.find_unseen())


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """An empty folder: one to be kept, or one that is gone in the end."""
    if keep is not None:
        keep.mkdir(parents=True)
        yield keep
        return
    with TemporaryDirectory(prefix="oec-chaos-") as name:
        yield Path(name)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may be chosen on the command line."""
    parser.add_argument("--kills", type=int, default=1000, help="how many processes to kill (default 1000)")
    parser.add_argument(
        "--seed", type=int, action="append", help="may be given several times; they share the kills"
    )
    parser.add_argument("--worlds", type=int, default=6, help="how many worlds live side by side (default 6)")
    parser.add_argument("--restarts", type=int, default=5, help="how many restarts to time (default 5)")
    parser.add_argument(
        "--keep", type=Path, help="a new folder for databases, logs and records, to study findings"
    )
    parser.add_argument("--json", action="store_true", help="print JSON, with every finding and missed point")


def run(given: argparse.Namespace) -> int:
    """Cause it, print what it came to; 1 where a promise was broken."""
    wanted = Wanted(given.kills, given.seed or [1], given.worlds, given.restarts, keep=given.keep)
    outcome = asyncio.run(cause_chaos(wanted, lambda words: print(words, file=sys.stderr, flush=True)))
    print(json.dumps(to_json(outcome), indent=2, ensure_ascii=False) if given.json else to_table(outcome))
    return 0 if outcome.is_clean else 1
