"""Every await of a source is listed, once, and a watched process dies where it is told to."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.chaos.doomed import LAST_WORDS, ROOT
from tests.benchmarks.chaos.points import MODULES, Await, Point, Side, list_awaits, list_points

SOURCE = """
import asyncio


class Bot:
    async def run(self) -> int:
        await asyncio.sleep(0)
        while not await self.is_done():
            pass
        async with asyncio.timeout(1):
            print("within")
        try:
            return await self.fail(
                1,
            )
        except ValueError:
            print("mended")
        match await self.is_done():
            case True:
                for _ in range(2):
                    await asyncio.sleep(0)
        return 1

    async def is_done(self) -> bool:
        return True

    async def fail(self, _: int) -> int:
        await asyncio.sleep(0)
        raise ValueError


def plain() -> None:
    print("nothing is awaited here")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "bot.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


def test_awaits_of_a_source_are_listed_with_the_lines_that_wait(root: Path) -> None:
    assert [(one.first, one.last, one.function) for one in list_awaits(root, "bot.py")] == [
        (7, 7, "Bot.run"),
        (8, 8, "Bot.run"),
        (10, 10, "Bot.run"),
        (13, 15, "Bot.run"),
        (18, 18, "Bot.run"),
        (21, 21, "Bot.run"),
        (28, 28, "Bot.fail"),
    ]


def test_each_await_has_two_points() -> None:
    points = list_points(ROOT)
    assert len(points) == 2 * len({point.at for point in points})
    assert len({point.name for point in points}) == len(points)


def test_every_module_of_the_submit_path_waits_somewhere() -> None:
    there = {file for file in MODULES if (ROOT / file).exists()}
    assert {point.at.file for point in list_points(ROOT)} == there
    assert len(there) > 15, "modules were renamed: MODULES has to follow"


def die_in(root: Path, point: Point, times: int = 1) -> tuple[int, list[str]]:
    """Run the source in a process that is to die at a point; its status and all that it said."""
    program = f"""
import asyncio, sys
from functools import partial
from pathlib import Path
from tests.benchmarks.chaos.doomed import Doom, Watch, die_at
from tests.benchmarks.chaos.points import Await, Side
at = Await("bot.py", {point.at.first}, {point.at.last}, "")
doom = Doom(Side("{point.side.value}"), {times}, die=partial(die_at, "{point.name}"))
watch = Watch([at], doom.passed, root=Path({str(root)!r}))
sys.path.insert(0, {str(root)!r})
from bot import Bot
sys.settrace(watch.on_call)
asyncio.run(Bot().run())
"""
    command = (sys.executable, "-u", "-c", program)
    # in a folder without a package `bot`, so that the source is what is imported
    ended = subprocess.run(
        command, cwd=root, capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)}, check=False
    )
    return ended.returncode, [*ended.stdout.split(), *ended.stderr.splitlines()]


@pytest.mark.parametrize(
    ("line", "last", "side", "said"),
    [
        (7, 7, Side.BEFORE, []),
        (8, 8, Side.AFTER, []),
        (10, 10, Side.AFTER, []),
        (13, 15, Side.BEFORE, ["within"]),
        (13, 15, Side.AFTER, ["within"]),
        (28, 28, Side.AFTER, ["within"]),
        (18, 18, Side.BEFORE, ["within", "mended"]),
        (21, 21, Side.AFTER, ["within", "mended"]),
    ],
)
def test_process_dies_at_its_point_and_not_before(
    root: Path, line: int, last: int, side: Side, said: list[str]
) -> None:
    point = Point(Await("bot.py", line, last, ""), side)
    status, words = die_in(root, point)
    assert status == -9
    assert words == [*said, f"{LAST_WORDS}{point.name}"]


def test_point_that_is_passed_too_seldom_kills_nobody(root: Path) -> None:
    status, words = die_in(root, Point(Await("bot.py", 7, 7, ""), Side.BEFORE), times=2)
    assert status == 0
    assert words == ["within", "mended"]
