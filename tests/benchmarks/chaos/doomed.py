"""The bot as a process that is to die at a given point, as `kill -9` would end it there.

`python -m tests.benchmarks.chaos.doomed FILE:LINE:before|after:NTH …` runs `oec-bot …` and kills itself when the await that
stands at that line is about to begin, or has just come back or raised, for the NTH time since it was armed; with
`OEC_CHAOS_ARMED=later` that is when the process gets SIGUSR1, else at once. With `OEC_CHAOS_FOUND=FILE` it writes down
every point of the submit path that it passes, instead of dying. Nothing of the bot is changed for it: `sys.settrace`
watches the frames of the files in question and no others.
"""

import dis
import os
import signal
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

from tests.benchmarks.chaos.points import MODULES, Await, Side, list_awaits

ROOT = Path(__file__).parents[3]
NONE = "none"
"""In place of a point: die nowhere."""

Passed = Callable[[Await, Side], None]
Trace = Callable[[FrameType, str, Any], Any]

_RETURNS = {dis.opmap[name] for name in ("RETURN_VALUE", "RETURN_CONST") if name in dis.opmap}


class Watch:
    """Notices when awaits are entered and left, in frames of the files they stand in."""

    def __init__(self, awaits: Iterable[Await], passed: Passed, *, root: Path = ROOT) -> None:
        self._passed = passed
        self._lines: dict[str, dict[int, Await]] = {}
        for one in awaits:
            lines = self._lines.setdefault(str(root / one.file), {})
            lines |= {
                line: one
                for line in range(one.first, one.last + 1)
                if line not in lines or one.first > lines[line].first
            }
        self._within: dict[FrameType, Await] = {}

    def on_call(self, frame: FrameType, _event: str, _arg: object) -> Trace | None:
        """The global trace function: follow only what stands in our files."""
        return self._follow if frame.f_code.co_filename in self._lines else None

    def _follow(self, frame: FrameType, event: str, _arg: object) -> Trace:
        inside = self._within.get(frame)
        if event == "line":
            here = self._lines[frame.f_code.co_filename].get(frame.f_lineno)
            if inside is not None and here is not inside:
                self._leave(frame, inside)
            if here is not None and here is not inside:
                self._within[frame] = here
                self._passed(here, Side.BEFORE)
        elif inside is not None and (event == "exception" or _is_over(frame, event)):
            self._leave(frame, inside)
        return self._follow

    def _leave(self, frame: FrameType, inside: Await) -> None:
        del self._within[frame]
        self._passed(inside, Side.AFTER)


def _is_over(frame: FrameType, event: str) -> bool:
    """Whether a frame returns for good: a coroutine that only waits says `return` too."""
    return event == "return" and frame.f_lasti >= 0 and frame.f_code.co_code[frame.f_lasti] in _RETURNS


class Doom:
    """Counts down to the end."""

    def __init__(self, side: Side, times: int, *, die: Callable[[], None]) -> None:
        self._side = side
        self._left = times
        self._die = die

    def passed(self, _: Await, side: Side) -> None:
        """One end of the await was passed."""
        if side is self._side:
            self._left -= 1
            if self._left == 0:
                self._die()


class Notes:
    """Writes each point down the first time it is passed, at once: the process may be killed at any moment."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._known: set[tuple[str, Side]] = set()

    def passed(self, at: Await, side: Side) -> None:
        """One end of an await was passed."""
        if (at.place, side) not in self._known:
            self._known.add((at.place, side))
            os.write(self._file, f"{at.place}:{side.value}\n".encode())


LAST_WORDS = "Died at "


def die_at(point: str) -> None:
    """End as `kill -9` does, having said where."""
    os.write(2, f"{LAST_WORDS}{point}\n".encode())
    os.kill(os.getpid(), signal.SIGKILL)


def plan_watch(point: str, found: str | None) -> Watch | None:
    """What to watch for: a point to die at, all points to write down, or nothing."""
    if found:
        every = [one for file in MODULES if (ROOT / file).exists() for one in list_awaits(ROOT, file)]
        return Watch(every, Notes(Path(found)).passed)
    if point == NONE:
        return None
    file, line, side, times = point.split(":")
    at = next(one for one in list_awaits(ROOT, file) if one.first == int(line))
    return Watch([at], Doom(Side(side), int(times), die=partial(die_at, point)).passed)


def arm(watch: Watch, *, is_later: bool) -> None:
    """Begin to watch, now or at SIGUSR1. Coroutines that are under way are followed from their next step on."""
    if is_later:
        signal.signal(signal.SIGUSR1, lambda _number, _frame: sys.settrace(watch.on_call))
    else:
        sys.settrace(watch.on_call)


def run_doomed(point: str, arguments: list[str]) -> None:
    """`oec-bot` with these arguments, until its point or its end."""
    from bot.cli import main

    watch = plan_watch(point, os.environ.pop("OEC_CHAOS_FOUND", None))
    is_later = os.environ.pop("OEC_CHAOS_ARMED", "") == "later"
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # whoever is armed, or has no point, is told so in vain
    if watch is not None:
        arm(watch, is_later=is_later)
    main(arguments, prog_name="oec-bot")


if __name__ == "__main__":
    run_doomed(sys.argv[1], sys.argv[2:])
