"""A stretch: lives that end early, one after the other on the same database; then calm, and the reckoning."""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random

from tests.benchmarks.chaos.ledger import ApprovalRow, Books, read_books, read_screens
from tests.benchmarks.chaos.lives import live
from tests.benchmarks.chaos.people import Seen
from tests.benchmarks.chaos.planner import Planner
from tests.benchmarks.chaos.town import ANA, BEN, CHANNELS, CLEO, DANA, FREE
from tests.benchmarks.chaos.trouble import clear
from tests.benchmarks.chaos.truth import (
    BROKEN,
    NO_END,
    TWO_CALLS,
    TWO_CARDS,
    TWO_ENDS,
    TWO_PROGRESS,
    UNANSWERED,
    UNSHOWN,
    UNTRUE,
    Evidence,
    Finding,
    find_all,
    find_lost_approvals,
    find_lost_decisions,
)
from tests.benchmarks.chaos.world import World

TRUE_WITHIN = 10.0
"""Seconds in which every card has to be true, from calm on: every run has ended, and Slack's limits, which the lives
before have used up, let messages through again."""

ENDS_WITHIN = 120.0
HOPELESS_AFTER = 40.0
"""Seconds of calm after which people give up, by the button for it, what leads nowhere."""

SETTLES_WITHIN = 90.0
LOOK_EVERY = 0.25
SETTLING = frozenset({UNTRUE, UNSHOWN, NO_END, TWO_CARDS, TWO_PROGRESS, TWO_ENDS, TWO_CALLS})
"""What may be so for a moment and has to come right by itself."""


_HEAD = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ ")


@dataclass(slots=True)
class Reckoning:
    """What a stretch came to."""

    kills: int = 0
    at_points: int = 0
    fallen: int = 0
    asks: int = 0
    heard: int = 0
    runs: int = 0
    actions: int = 0
    presses: int = 0
    redeliveries: int = 0
    approvals: int = 0
    lost: int = 0
    given_up: int = 0
    seconds_to_end: float = 0.0
    seconds_to_truth: float = 0.0
    """Of the last card that was not true yet."""
    seconds_to_settle: float = 0.0
    """Until nothing was missing and nothing stood twice."""
    findings: list[Finding] = field(default_factory=list)


class Stretch:
    """Some lives in one world."""

    def __init__(
        self,
        world: World,
        planner: Planner,
        dice: Random,
        tell: Callable[[str], None],
        *,
        true_within: float = TRUE_WITHIN,
    ) -> None:
        self._world = world
        self._planner = planner
        self._dice = dice
        self._tell = tell
        self._true_within = true_within
        self._waiting: dict[int, ApprovalRow] = {}
        self._sums = Reckoning()
        self._diary = world.diary

    async def run(self, kills: int) -> Reckoning:
        """So many lives, and what they came to."""
        for number in range(kills):
            await self._live_once(number)
        await self._calm_down()
        return self._sums

    async def _live_once(self, number: int) -> None:
        plan = self._planner.next()
        self._diary.append(f"{datetime.now(UTC):%H:%M:%S.%f} {number}: {plan}")
        death = await live(self._world, plan, self._dice, number)
        self._planner.atlas.learn(plan.recipe, death.passed)
        self._planner.note_end(plan, is_reached=death.is_reached)
        self._sums.kills += 1
        self._sums.at_points += death.is_reached
        self._sums.fallen += death.has_fallen
        books = read_books(self._world.database)
        for approval in books.approvals.values():
            if approval.state == "waiting":
                self._waiting.setdefault(approval.run_id, approval)

    async def _calm_down(self) -> None:
        """Nothing goes wrong any more, one bot stays alive, people decide what waits, and everything has to come right."""
        world, sums = self._world, self._sums
        await clear(world.people, world.hosting)
        await world.hosting.counts_afresh()
        await world.hosting.mends()
        for channel in CHANNELS:
            await world.people.arranges(channel, is_archived=False)
        self._find(find_lost_decisions(read_books(world.database), world.people.decisions))
        bot = await world.starts_well()
        began_at = time.monotonic()
        await self._ask_in_calm()
        await self._decide_what_waits()
        await self._await_ends(began_at)
        sums.seconds_to_end = time.monotonic() - began_at
        calm_at = time.time()
        findings = await self._await_truth(calm_at)
        sums.seconds_to_settle = time.time() - calm_at
        self._find(findings)
        await bot.stop()
        self._reckon()

    async def _ask_in_calm(self) -> None:
        """Whoever asks in calm is answered."""
        people, since = self._world.people, time.time() - 0.001
        channel = self._dice.choice(CHANNELS)
        askers = (ANA, BEN, CLEO, DANA)
        for user in askers:
            await people.types(user, "status", channel)
        came = await asyncio.gather(
            *(people.sees_answer(user, channel, after=since, patience=30) for user in askers)
        )
        self._find(
            [
                Finding(UNANSWERED, f"{user} heard nothing")
                for user, is_in in zip(askers, came, strict=True)
                if not is_in
            ]
        )

    async def _decide_what_waits(self) -> None:
        """Every card that still offers it is decided, so that every run can end."""
        for _ in range(6):
            cards = [seen for seen in await self._find_waiting_cards() if seen.run is not None]
            if not cards:
                return
            for card in cards:
                await self._decide(card)
            await asyncio.sleep(1.0)

    async def _find_waiting_cards(self) -> list[Seen]:
        books = read_books(self._world.database)
        waiting = {run.id for run in books.runs.values() if run.state == "waiting"}
        return [seen for seen in await self._world.people.finds_cards("Approve") if seen.run in waiting]

    async def _decide(self, card: Seen) -> None:
        people = self._world.people
        alias = next((alias for alias in FREE if f"`{alias}`" in card.words), None)
        if alias is not None:  # data would be dropped: its name has to be typed
            await people.presses_on(BEN, "Approve", card)
            await people.submits(BEN, alias)
        elif self._dice.random() < 0.7:
            await people.presses_on(DANA, "Approve", card)
        else:
            await people.presses_on(BEN, "Decline", card)
            await people.submits(BEN, "enough for today")

    async def _await_ends(self, began_at: float) -> None:
        """Wait until every run has ended."""
        while time.monotonic() < began_at + ENDS_WITHIN:
            books = read_books(self._world.database)
            if not any(run.is_open for run in books.runs.values()):
                return
            if any(run.state == "waiting" for run in books.runs.values()):
                await self._decide_what_waits()
            if time.monotonic() > began_at + HOPELESS_AFTER:
                await self._give_up(books)
            await asyncio.sleep(LOOK_EVERY)

    async def _give_up(self, books: Books) -> None:
        """Whoever asked gives up what oec.sh leaves without a sure answer: it may be so for minutes."""
        for label in ("Give up", "Stop following"):
            for card in await self._world.people.finds_cards(label):
                run = books.runs.get(card.run or 0)
                if run is not None and run.is_open:
                    self._sums.given_up += 1
                    await self._world.people.presses_on(run.requester, label, card)
                    await self._world.people.confirms(run.requester)

    async def _await_truth(self, ended_at: float) -> list[Finding]:
        """Wait until everything stands as it should. Cards that are true late are found all the same."""
        late: list[Finding] | None = None
        while True:
            findings = find_all(await self._gather())
            untrue = [one for one in findings if one.promise == UNTRUE]
            now, calm_at = time.time(), await self._world.people.last_limited_at(since=ended_at)
            if untrue:
                self._sums.seconds_to_truth = now - calm_at
                if late is None and now > calm_at + self._true_within:
                    late = untrue
                    await self._tell_of_edits(now)
            if not any(one.promise in SETTLING for one in findings) or now > ended_at + SETTLES_WITHIN:
                return [*(late or []), *(one for one in findings if one not in (late or []))]
            await asyncio.sleep(LOOK_EVERY)

    async def _tell_of_edits(self, now: float) -> None:
        """How much of Slack's limit was used when cards were late: below it, the lateness is the bot's own."""
        calls = [
            one for one in await self._world.people.calls(since=now - 60) if one["method"] == "chat.update"
        ]
        limited = sum(one["error"] == "ratelimited" for one in calls)
        self._tell(
            f"  late: {len(calls)} edits in the minute before, {limited} of them refused by the limit of 50"
        )

    async def _gather(self) -> Evidence:
        world = self._world
        screens = await read_screens(
            world.people
        )  # before the database: what stands there was written down before
        tasks = await world.hosting.tasks()
        return Evidence(read_books(world.database), screens, tasks, world.people.asks)

    def _reckon(self) -> None:
        world, sums = self._world, self._sums
        books = read_books(world.database)
        self._find(find_lost_approvals(self._waiting, books))
        self._find(_find_bugs(world.errors.read_text(errors="replace")))
        _count(sums, world, books)

    def _find(self, findings: list[Finding]) -> None:
        for one in findings:
            self._tell(f"  {one.promise}: {one.words}")
        self._sums.findings += findings


def _count(sums: Reckoning, world: World, books: Books) -> None:
    people = world.people
    sums.asks, sums.heard = len(people.asks), sum(ask.acked for ask in people.asks)
    sums.presses, sums.redeliveries = people.presses, people.redeliveries
    sums.runs, sums.approvals = len(books.runs), len(books.approvals)
    sums.lost = sum(run.state == "lost" for run in books.runs.values())
    sums.actions = sum(run.task_id is not None and not run.is_adopted for run in books.runs.values())


def _find_bugs(log: str) -> list[Finding]:
    """What the bot itself called broken: tracebacks under lines of its own. Slack's SDK writes one for every bad ticket."""
    found, head = [], ""
    for line in log.splitlines():
        if _HEAD.match(line):
            head = line
        elif line.lstrip(" |+").startswith("Traceback (most recent call last):") and " slack_" not in head:
            found.append(Finding(BROKEN, head[:200]))
    return found
