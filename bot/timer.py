"""The `Timer` port on APScheduler: wakes the bot's turns, again and again, and outlives their mistakes.

APScheduler goes by the wall clock. Left to itself it stands still for an hour when that is set back by one, and after a
laptop's sleep, or a clock set right from 1970, it counts every turn that was missed before it does anything else.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.base import BaseTrigger

from bot.core.errors import BotError

log = logging.getLogger(__name__)

GRACE = timedelta(seconds=1.5)
"""How long a turn under way may take to finish when the bot stops."""


JUMP = timedelta(seconds=2)
"""A difference between the two clocks that nobody's slow drift makes within a second."""

LOOK = timedelta(seconds=1)
"""How often the wall clock is compared with the one that only goes forward."""


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Again and again after an interval; turns that were missed are one turn, and it is counted from then on."""

    def __init__(self, interval: timedelta) -> None:
        self.interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """When the turn is due next."""
        due_at = (previous_fire_time or now) + self.interval
        return due_at if now < due_at <= now + self.interval else now + self.interval


class ApschedulerTimer:
    """Turns at intervals. What is to be done stands in the database; a timer only says when to look."""

    def __init__(
        self, *, grace: timedelta = GRACE, wall_clock: Callable[[], float] = time.time, look: timedelta = LOOK
    ) -> None:
        # its lines for every turn, and for every turn rightly not started twice, would bury everything else
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._scheduler = AsyncIOScheduler(timezone=UTC)
        self._grace = grace
        self._under_way: set[asyncio.Task[None]] = set()
        self._said: dict[str, str] = {}
        self._is_stopping = False
        self._wall_clock = wall_clock
        self._look = look.total_seconds()
        self._lead = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def every(self, interval: timedelta, turn: Callable[[], Awaitable[object]], *, name: str) -> None:
        """Run a turn again and again, first after one interval; may be called before or after `start`.

        A turn that takes longer than its interval is not started twice, and turns that were missed while the loop
        was busy are made up for by one.
        """

        async def turn_once() -> None:
            if self._is_stopping:
                return
            try:
                await self._run(turn, name)
            except asyncio.CancelledError:
                if not self._is_stopping:
                    raise

        self._scheduler.add_job(
            turn_once,
            Every(interval),
            name=name,
            max_instances=1,
            coalesce=True,
            misfire_grace_time=None,  # the default drops a turn that is a second late
        )

    async def _run(self, turn: Callable[[], Awaitable[object]], name: str) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._under_way.add(task)
        try:
            await turn()
            self._said.pop(name, None)
        except BotError as error:  # what is out of order elsewhere is known by its name
            self._say_once(name, str(error))
        except Exception:  # a turn that fails must not be its last one
            log.exception("The turn %s failed; it will be tried again.", name)
        finally:
            if task is not None:
                self._under_way.discard(task)

    def _say_once(self, name: str, trouble: str) -> None:
        """What lasts is said once, not every second."""
        if self._said.get(name) != trouble:
            self._said[name] = trouble
            log.warning("The turn %s failed and will be tried again: %s", name, trouble)

    def start(self) -> None:
        """Begin to wake turns. Needs the running event loop."""
        self._scheduler.start()
        self._lead = self._read_lead()
        self._watch_clock()

    def _read_lead(self) -> float:
        return self._wall_clock() - time.monotonic()

    def _watch_clock(self) -> None:
        """Count every turn anew where the wall clock was set: what is due in an hour by it may be due now."""
        lead = self._read_lead()
        if abs(lead - self._lead) > JUMP.total_seconds():
            log.info("The clock was set by %.0f s; the turns go on", lead - self._lead)
            for job in self._scheduler.get_jobs():
                job.modify(next_run_time=datetime.now(UTC) + job.trigger.interval)
        self._lead = lead
        self._watch = asyncio.get_running_loop().call_later(self._look, self._watch_clock)

    async def stop(self) -> None:
        """Wake no more turns, let those under way finish, and cancel what takes too long. May be called twice."""
        self._is_stopping = True
        if self._watch is not None:
            self._watch.cancel()
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        await self._wait_for_turns()
        # cancels what is still under way: APScheduler's executor for asyncio cannot wait
        self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # it takes effect at the loop's next step
        await self._wait_for_turns()

    async def _wait_for_turns(self) -> None:
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=self._grace.total_seconds())
